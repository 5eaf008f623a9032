/**
 * Background rules: how the requests begin that chat front ends make for themselves: titles, tags,
 * follow-up questions, search queries, completions. What a rule means is said in gate/background.ts.
 *
 * Sources, each project's own prompts: open-webui config.py; librechat agents' title.ts and client
 * title.js; NextChat locales/en.ts; lobe-chat summaryTitle.ts; Cherry Studio prompts.ts; Chatbox;
 * big-AGI autoTitle.ts; Vercel's ai-chatbot; opencode title.txt; Zed summarize_thread_prompt.txt.
 * @module
 */

export const DEFAULT_BACKGROUND_RULES: readonly string[] = [
  // Open WebUI: title, tags, follow-ups, search queries, image prompt, autocompletion, emoji, tools
  "### Task: Generate a concise * title * chat history",
  "### Task: Generate 1-3 broad tags",
  "### Task: Suggest 3-5 relevant follow-up",
  "### Task: Analyze the * to determine the necessity of generating search queries",
  "### Task: Generate a detailed prompt for * image generation",
  "### Task: You are an autocompletion system",
  "Your task is to reflect the speaker's likely facial expression through a fitting emoji",
  "Available Tools: * Your task is to choose and return the correct tool(s)",
  // LibreChat
  "Provide a concise, 5-word-or-less title for the conversation",
  "Please generate a concise, 5-word-or-less title for the conversation",
  "Analyze this conversation and provide: 1. The detected language",
  "Detect user language and write in the same language an extremely concise title",
  "Please generate a concise title (max 40 characters) for a conversation",
  // NextChat, Chatbox, Cherry Studio, LobeChat, big-AGI, Vercel's template
  "Please generate a four to five word title summarizing our conversation",
  "Based on the chat history, give this conversation a name",
  "* You need to summarize the user's conversation into a title",
  "You are a professional conversation summarizer. Generate a concise title",
  "You are an AI conversation titles assistant",
  "- you will generate a short title based on the first message",
  // opencode, Zed
  "You are a title generator. You output only a thread title",
  "Generate a concise 3-7 word title for this conversation",
];
