/**
 * Response items: what the output of a response is made of, while it is written and as a client sees
 * it. Pure.
 * Source: OpenAI API reference, "The response object".
 * @module
 */

type Fields = Readonly<Record<string, unknown>>;

export type OutputItem = Fields & { readonly type: string };

export type ItemStatus = "in_progress" | "completed" | "incomplete";

export type Part =
  | { type: "output_text"; text: string; logprobs: unknown[] }
  | { type: "refusal"; refusal: string };

interface Place {
  readonly id: string;
  /** Its place in the output. */
  readonly at: number;
  status: ItemStatus;
}

export interface ReasoningItem extends Place {
  readonly type: "reasoning";
  text: string;
}

export interface MessageItem extends Place {
  readonly type: "message";
  readonly parts: Part[];
}

export interface CallItem extends Place {
  readonly type: "function_call";
  readonly callId: string;
  readonly name: string;
  arguments: string;
}

export type Item = ReasoningItem | MessageItem | CallItem;
export type ItemOf<Type extends Item["type"]> = Extract<Item, { type: Type }>;

export function itemBody(item: Item): OutputItem {
  const { id, type, status } = item;
  switch (item.type) {
    case "reasoning":
      return { id, type, summary: item.text ? [summaryPart(item.text)] : [] };
    case "message":
      return { id, type, status, role: "assistant", content: item.parts.map(partBody) };
    case "function_call": {
      const { callId, name, arguments: args } = item;
      return { id, type, status, call_id: callId, name, arguments: args };
    }
    default:
      return item satisfies never;
  }
}

export function partBody(part: Part): Fields {
  return part.type === "refusal"
    ? { type: part.type, refusal: part.refusal }
    : { type: part.type, text: part.text, annotations: [], logprobs: [...part.logprobs] };
}

export function summaryPart(text: string): Fields {
  return { type: "summary_text", text };
}
