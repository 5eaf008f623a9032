/**
 * Response format: the form that a request asks its answer to have, read from `response_format`,
 * and the same asked for in words, for models whose server does not take the parameter.
 * Source: OpenAI API reference, "Create chat completion", `response_format`.
 * @module
 */
import { asRecord } from "./as_record.ts";

export interface ResponseFormat {
  readonly type: "json_object" | "json_schema";
  /** Absent where any JSON will do (under `json_object`: any object). */
  readonly schema?: unknown;
}

/** Null where the answer may be any text. */
export function readFormat(params: Readonly<Record<string, unknown>>): ResponseFormat | null {
  const { type, json_schema, schema } = asRecord(params["response_format"]);
  switch (type) {
    case "json_object":
      // llama.cpp and others take a schema here.
      return { type, ...(isSchema(schema) ? { schema } : {}) };
    case "json_schema": {
      const inner = asRecord(json_schema).schema;
      return { type, ...(isSchema(inner) ? { schema: inner } : {}) };
    }
    default:
      return null;
  }
}

/** A trailing user turn that asks for the format. */
export function formatInstruction({ schema }: ResponseFormat): string {
  return schema === undefined
    ? "Answer with one JSON object and nothing else: no code fence, no text around it."
    : `Answer with one JSON value that fits this JSON Schema and nothing else: no code fence, no text around it.\n${
      JSON.stringify(schema)
    }`;
}

const isSchema = (value: unknown): boolean => typeof value === "object" && value !== null;
