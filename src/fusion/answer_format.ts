/**
 * Answer format: whether an answer has the form that the request asked for, and the bare JSON where
 * it stands between a code fence or behind thinking. What is wrong is said twice: to the client
 * without a word of the answer, to the model with all that helps to mend it.
 * @module
 */
import type { ResponseFormat } from "../openai/response_format.ts";
import { withoutThinking } from "../openai/thinking.ts";
import { schemaFault } from "./schema_check.ts";

export type CheckedAnswer =
  | { readonly type: "fits"; readonly text: string }
  | {
    readonly type: "fault";
    /** Worded for the client. */
    readonly message: string;
    /** Worded for the model that wrote the answer. */
    readonly detail: string;
  };

export function checkAnswer(text: string, { type, schema }: ResponseFormat): CheckedAnswer {
  const found = findJson(text);
  if (!found) return fault("it is not JSON", "it is not JSON");
  const { value } = found;
  if (
    type === "json_object" && (typeof value !== "object" || value === null || Array.isArray(value))
  ) {
    return fault("it is no JSON object", "it is no JSON object");
  }
  const broken = schema === undefined ? null : schemaFault(value, schema);
  return broken
    ? fault(`it breaks ${broken.at}`, broken.detail)
    : { type: "fits", text: found.text };
}

/** Asks the model once more, behind its own answer. */
export function repairInstruction(detail: string, { schema }: ResponseFormat): string {
  return `That answer cannot be used: ${detail}. Give the same answer again as one JSON ${
    schema === undefined ? "object" : `value of this JSON Schema: ${JSON.stringify(schema)}`
  }\nWrite nothing else: no code fence, no text around it.`;
}

function fault(what: string, detail: string): CheckedAnswer {
  const message = `The answer does not match the response_format's schema: ${what}`;
  return { type: "fault", message, detail };
}

function findJson(text: string): { readonly text: string; readonly value: unknown } | null {
  for (const candidate of [text, unfenced(withoutThinking(text))]) {
    try {
      return { text: candidate, value: JSON.parse(candidate) };
    } catch {
      // The next one, then.
    }
  }
  return null;
}

/** What stands in a code fence that is the whole text. */
function unfenced(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith("```") || !trimmed.endsWith("```") || trimmed.length < 7) return trimmed;
  const start = trimmed.indexOf("\n");
  return start < 0 ? trimmed.slice(3, -3) : trimmed.slice(start + 1, -3).trim();
}
