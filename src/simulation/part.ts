/**
 * Part: one write of a response body, and how long it is waited before it. Types only.
 * @module
 */

export interface Part {
  readonly bytes: string | Uint8Array;
  /** Milliseconds since the part before, or since the headers. */
  readonly afterMs: number;
  /** Who has it has been told what the answer cost. */
  readonly tellsUsage?: boolean;
}
