/**
 * Injection: whether an answer speaks to its reader (a judge, a template) instead of answering.
 * A flag for metrics and a note for the reader; nothing is dropped for it.
 * @module
 */

const SIGNS = [
  /<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|system|assistant|user)\|>/,
  /\[\/?INST\]|<<SYS>>|<(?:start|end)_of_turn>/,
  /\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?(?:above|previous|prior|other|earlier)\b/i,
  /\b(?:choose|prefer|select|rank) this (?:answer|response|output|reference)\b/i,
  /"?model_identifier"?\s{0,3}:/,
];

/** True where the text carries a known sign of an attempt to steer its reader. */
export function looksInjected(text: string): boolean {
  return SIGNS.some((sign) => sign.test(text));
}
