/**
 * HTML text: words as they may stand in a page.
 * @module
 */

/** Words with what stands in backticks as code. */
export function marked(text: string): string {
  return escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
