/**
 * OpenAI's error object: `{"error":{"message","type","param","code"}}`.
 * Source: OpenAI API reference, "Error codes".
 * @module
 */

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
    /** Tutti's addition: each panel member's label and reason. */
    readonly fusion?: { readonly members: readonly { label: string; reason: string }[] };
  };
}
