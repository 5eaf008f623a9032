import assert from "node:assert/strict";
import { DEFAULT_BACKGROUND_RULES } from "../../../src/config/background_rules.ts";
import { isBackgroundTask } from "../../../src/gate/background.ts";
import type { Message } from "../../../src/openai/chat_request.ts";

const user = (content: Message["content"]): Message => ({ role: "user", content });
const system = (content: string): Message => ({ role: "system", content });
const isTask = (...messages: Message[]) => isBackgroundTask(messages, DEFAULT_BACKGROUND_RULES);

/** Written after the prompts that the projects named in background_rules.ts send. */
const TASKS: Readonly<Record<string, readonly Message[]>> = {
  "Open WebUI title": [user(
    "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n### Guidelines:\n- Be short.\n### Chat History:\n<chat_history>\nUSER: Hi\n</chat_history>",
  )],
  "Open WebUI title, newer": [user(
    "### Task:\nGenerate a concise title summarizing the chat history.\n### Guidelines:\n- 2-4 words.",
  )],
  "Open WebUI tags": [user(
    "### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history, and more.",
  )],
  "Open WebUI follow-ups": [user(
    "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might ask next.",
  )],
  "Open WebUI queries": [user(
    "### Task:\nAnalyze the chat history to determine the necessity of generating search queries.",
  )],
  "Open WebUI image prompt": [user(
    "### Task:\nGenerate a detailed prompt for am image generation task based on the context.",
  )],
  "Open WebUI autocompletion": [user(
    "### Task:\nYou are an autocompletion system. Continue the text in `<text>` and so on.",
  )],
  "Open WebUI emoji": [user(
    "Your task is to reflect the speaker's likely facial expression through a fitting emoji. Go.",
  )],
  "Open WebUI tool choice": [
    system(
      'Available Tools: [{"name":"clock"}]\n\nYour task is to choose and return the correct tool(s) from the list.',
    ),
    user("Query: What time is it?"),
  ],
  "LibreChat title": [user(
    "Provide a concise, 5-word-or-less title for the conversation, using its same language.\n\nConversation:\nUser: Hi",
  )],
  "LibreChat title, structured": [user(
    "Analyze this conversation and provide:\n1. The detected language of the conversation\n2. A concise title",
  )],
  "LibreChat title, older": [
    system(
      "Detect user language and write in the same language an extremely concise title for this conversation.",
    ),
    user("||>User: Hi"),
  ],
  "LibreChat assistants": [user(
    "Please generate a concise title (max 40 characters) for a conversation that starts with: Hi",
  )],
  "NextChat topic": [
    user("Tell me of Rome."),
    { role: "assistant", content: "Rome is old." },
    user(
      "Please generate a four to five word title summarizing our conversation without any lead-in.",
    ),
  ],
  "Chatbox name": [
    user("Based on the chat history, give this conversation a name.\nKeep it short."),
  ],
  "Cherry Studio topic": [
    system(
      "You are an assistant skilled in conversation. You need to summarize the user's conversation into a title within 10 words.",
    ),
    user("user: Hi"),
  ],
  "LobeChat topic": [
    system(
      "You are a professional conversation summarizer. Generate a concise title that captures it.",
    ),
    user("user: Hi"),
  ],
  "big-AGI title": [
    system("You are an AI conversation titles assistant who specializes in few words."),
    user("Analyze the given short conversation"),
  ],
  "Vercel template title": [
    system(
      "\n    - you will generate a short title based on the first message a user begins a conversation with",
    ),
    user("Hi"),
  ],
  "opencode title": [
    system("You are a title generator. You output ONLY a thread title. Nothing else."),
    user("Generate a title for this conversation:"),
    user("fix the build"),
  ],
  "Zed title": [
    user("How do I sort in Rust?"),
    { role: "assistant", content: "Use sort." },
    user([{
      type: "text",
      text: "Generate a concise 3-7 word title for this conversation, omitting punctuation.",
    }]),
  ],
};

for (const [name, messages] of Object.entries(TASKS)) {
  Deno.test(`isBackgroundTask() knows the prompt of ${name}`, () => {
    assert(isTask(...messages));
  });
}

Deno.test("isBackgroundTask() takes nobody's own question for a task", () => {
  const questions: Message[][] = [
    [user("Generate a title for my blog post about Rome.")],
    [user("Suggest 3-5 relevant follow-up questions for a job interview.")],
    [user("What does '### Task: Generate a concise title' mean in Open WebUI's source?")],
    [user(
      "### Task:\nRespond to the user query using the provided context.\n<context>x</context>",
    )],
    [user("### Task:\nGenerate a concise report. In the end, a title.")],
    [system("You are a helpful assistant."), user("Provide a summary of the conversation.")],
    [user(null)],
    [user([{ type: "image_url" }])],
  ];
  for (const messages of questions) assert(!isTask(...messages), JSON.stringify(messages));
});

Deno.test("isBackgroundTask() looks at the last user message, not at earlier ones", () => {
  const task = TASKS["Open WebUI title"]![0]!;
  assert(!isTask(task, { role: "assistant", content: "{}" }, user("And why?")));
  assert(!isTask(task, { role: "assistant", content: "{}" }));
});

Deno.test("isBackgroundTask() reads rules in order, each piece after the one before", () => {
  const matches = (text: string, rule: string) => isBackgroundTask([user(text)], [rule]);
  assert(matches("one TWO\n\tthree", "One two  three"));
  assert(matches("one, and two", "one * two"));
  assert(matches("say: one two", "* one two"));
  assert(matches("one two", "one*two*"));
  assert(!matches("two one", "one * two"));
  assert(!matches("say one two", "one two"));
  assert(!matches("one tw", "one two"));
});

Deno.test("isBackgroundTask() is done in no time, however long the text and wild the rule", () => {
  const text = "a".repeat(5_000_000);
  assert(!isBackgroundTask([user(text)], [`${"a*".repeat(500)}b`, `*${"a".repeat(4_000)}b`]));
});
