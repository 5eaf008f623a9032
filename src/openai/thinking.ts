/**
 * Thinking: what local reasoning models write in front of their answer, between `<think>` tags,
 * where their server does not keep it apart.
 * @module
 */

const TAGS = ["think", "thinking"];

/** The text without the thinking that it opens with; thinking that never ended leaves nothing. */
export function withoutThinking(text: string): string {
  const start = text.trimStart();
  for (const tag of TAGS) {
    if (!start.startsWith(`<${tag}>`)) continue;
    const end = start.indexOf(`</${tag}>`);
    return end < 0 ? "" : start.slice(end + tag.length + 3).trimStart();
  }
  return afterLoneEnd(text);
}

/** Chat templates that open the tag in the prompt leave only its end in the answer, on a line's end. */
function afterLoneEnd(text: string): string {
  const end = text.indexOf("</think>\n");
  const isLone = end >= 0 && !text.slice(0, end).includes("<think>");
  return isLone ? text.slice(end + "</think>".length).trimStart() : text;
}
