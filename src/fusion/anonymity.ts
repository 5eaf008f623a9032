/**
 * Anonymity: removes an answer's naming of itself (model, maker); names that belong to the subject
 * stay.
 * @module
 */

const NAMES = "Claude|ChatGPT|GPT-[0-9o.]+|Gemini|Bard|Qwen|Llama|Mistral|DeepSeek|Grok|Vicuna";
const MAKERS = "OpenAI|Anthropic|Google|Meta(?: AI)?|Alibaba(?: Cloud)?|DeepSeek|xAI|Mistral AI";
const SELF = new RegExp(`\\b(I am|I'm|As|my name is) (?:${NAMES})\\b`, "gi");
const MADE = new RegExp(
  `\\b(AI assistant|language model|AI|assistant),? (?:created|made|developed|trained|built) by (?:${MAKERS})\\b`,
  "gi",
);

/** The text without self-naming; the very same text where there is none. */
export function removeSelfNaming(text: string, _names: readonly string[]): string {
  return text.replace(SELF, "$1 an AI assistant").replace(MADE, "$1");
}
