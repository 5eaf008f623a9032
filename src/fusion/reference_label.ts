/**
 * Reference label: how the name looks that a reference bears before its readers ("Ref-K7M").
 * @module
 */

export const LABEL_PREFIX = "Ref-";

/** No vowels (no words), nothing that is read as another sign. */
export const LABEL_LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789";

/** Each label in a prose, staged or not. */
export const LABEL = new RegExp(`${LABEL_PREFIX}[${LABEL_LETTERS}]{3,}`, "g");
