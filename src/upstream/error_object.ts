/**
 * Error object: finds what went wrong in the body of an error, in the shapes that OpenAI and those
 * who speak like it use. What it finds is read within this room and goes no further.
 * @module
 */

export interface ErrorObject {
  /** An identifier or an HTTP status, in OpenAI's shape. */
  readonly code?: unknown;
  /** The parameter at fault, where it is named. */
  readonly param?: string;
  readonly message: string;
}

/** A refusal that says more than this repeats the request. */
const MAX_MESSAGE_CHARS = 2_000;

/** The error object of the body of an answer with an error status; empty when it cannot be read. */
export function readErrorObject(text: string): ErrorObject {
  try {
    return toErrorObject(JSON.parse(text));
  } catch {
    return { message: text.slice(0, MAX_MESSAGE_CHARS) };
  }
}

/** The error object in an answer whose status was good: some say only there that it went wrong. */
export function errorObjectIn(body: unknown): ErrorObject | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const isError = ("error" in body && Boolean(body.error)) ||
    ("object" in body && body.object === "error");
  return isError ? toErrorObject(body) : undefined;
}

/**
 * OpenAI: `{"error":{"message","param","code"}}`; vLLM and Mistral: the same without the outer
 * object, the message being text or pydantic's list; FastAPI: `{"detail":[…]}`; LM Studio and xAI:
 * `{"error":"…"}`.
 */
function toErrorObject(body: unknown): ErrorObject {
  const outer = asRecord(body);
  const error = typeof outer.error === "string" ? {} : asRecord(outer.error ?? outer);
  const said = typeof outer.error === "string" ? outer.error : error.message ?? error.detail ?? "";
  const message = typeof said === "string" ? said : JSON.stringify(said);
  return {
    code: error.code ?? outer.code,
    ...(typeof error.param === "string" ? { param: error.param } : {}),
    message: message.slice(0, MAX_MESSAGE_CHARS),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
