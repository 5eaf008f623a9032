/**
 * Response output: the items of a response as its answer comes in, and the events that tell of them.
 *
 * What goes in are a chat completion's choices, whole or in deltas: a whole answer is one long delta,
 * so both come to the same items. Thoughts, text and calls each become an item of their own, in the
 * order in which they come; an item is done when another kind of item begins, or at the end. Pure.
 * Source: OpenAI API reference, "The response object", "Streaming events".
 * @module
 */

import {
  type CallItem,
  type Item,
  itemBody,
  type ItemOf,
  type MessageItem,
  type OutputItem,
  type Part,
  partBody,
  summaryPart,
} from "./response_items.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An event without its place in the stream. */
export type ResponseEvent = Fields & { readonly type: string };

export class ResponseOutput {
  readonly #items: Item[] = [];
  /** By the index that the upstream gave them. */
  readonly #calls = new Map<number, CallItem>();
  #events: ResponseEvent[] = [];

  /** @param word Unique to the response; its items are named after it. */
  constructor(readonly word: string) {}

  /** Takes in what a choice says in its `delta` or `message`; gives what there is to tell. */
  take(choice: Fields): readonly ResponseEvent[] {
    const said = (choice["delta"] ?? choice["message"] ?? {}) as Fields;
    const { content, refusal, tool_calls: calls } = said;
    const thought = said["reasoning_content"] ?? said["reasoning"];
    if (isText(thought)) this.#think(thought);
    if (isText(content)) this.#say(content, logprobsOf(choice));
    if (isText(refusal)) this.#refuse(refusal);
    if (Array.isArray(calls)) calls.forEach((call, at) => this.#call(call, at));
    return this.#told();
  }

  /** Ends whatever is still being written. */
  end(status: "completed" | "incomplete"): readonly ResponseEvent[] {
    for (const item of this.#items) this.#finish(item, status);
    return this.#told();
  }

  /** The items as they stand. */
  get items(): readonly OutputItem[] {
    return this.#items.map(itemBody);
  }

  // ---- What is said

  #think(text: string): void {
    let item = this.#last("reasoning");
    if (!item) {
      item = this.#open({ type: "reasoning", ...this.#place("rs"), text: "" });
      this.#tell(item, "reasoning_summary_part.added", {
        summary_index: 0,
        part: summaryPart(""),
      });
    }
    item.text += text;
    this.#tell(item, "reasoning_summary_text.delta", { summary_index: 0, delta: text });
  }

  #say(text: string, logprobs: unknown[]): void {
    const item = this.#message();
    let part = item.parts.at(-1);
    if (part?.type !== "output_text") {
      part = this.#openPart(item, { type: "output_text", text: "", logprobs: [] });
    }
    part.text += text;
    part.logprobs.push(...logprobs);
    const content_index = item.parts.length - 1;
    this.#tell(item, "output_text.delta", { content_index, delta: text, logprobs });
  }

  #refuse(text: string): void {
    const item = this.#message();
    let part = item.parts.at(-1);
    if (part?.type !== "refusal") part = this.#openPart(item, { type: "refusal", refusal: "" });
    part.refusal += text;
    this.#tell(item, "refusal.delta", { content_index: item.parts.length - 1, delta: text });
  }

  #call(call: Fields, at: number): void {
    const { index = at, id, function: called } = call;
    const { name, arguments: args } = (called ?? {}) as Fields;
    const known = this.#calls.get(index as number);
    const item = known ?? this.#openCall(index as number, { id, name });
    // What still comes for a call that was whole already is no part of it.
    if (!isText(args) || item.status !== "in_progress") return;
    item.arguments += args;
    this.#tell(item, "function_call_arguments.delta", { delta: args });
  }

  // ---- Items

  #message(): MessageItem {
    return this.#last("message") ??
      this.#open({ type: "message", ...this.#place("msg"), parts: [] });
  }

  #openCall(index: number, { id, name }: Fields): CallItem {
    const place = this.#place("fc");
    const item = this.#open({
      type: "function_call",
      ...place,
      callId: isText(id) ? id : `call_${this.word}_${place.at}`,
      name: isText(name) ? name : "",
      arguments: "",
    });
    this.#calls.set(index, item);
    return item;
  }

  /** The item under way, if it is of this kind. */
  #last<Type extends Item["type"]>(type: Type): ItemOf<Type> | undefined {
    const item = this.#items.at(-1);
    return item?.type === type ? item as ItemOf<Type> : undefined;
  }

  #place(prefix: string): Pick<Item, "id" | "at" | "status"> {
    const at = this.#items.length;
    return { id: `${prefix}_${this.word}_${at}`, at, status: "in_progress" };
  }

  #open<Opened extends Item>(item: Opened): Opened {
    for (const other of this.#items) if (isWhole(other)) this.#finish(other, "completed");
    this.#items.push(item);
    this.#events.push({
      type: "response.output_item.added",
      output_index: item.at,
      item: itemBody(item),
    });
    return item;
  }

  #openPart<Opened extends Part>(item: MessageItem, part: Opened): Opened {
    this.#finishPart(item);
    item.parts.push(part);
    const content_index = item.parts.length - 1;
    this.#tell(item, "content_part.added", { content_index, part: partBody(part) });
    return part;
  }

  #finish(item: Item, status: "completed" | "incomplete"): void {
    if (item.status !== "in_progress") return;
    item.status = status;
    switch (item.type) {
      case "reasoning": {
        const { text } = item;
        this.#tell(item, "reasoning_summary_text.done", { summary_index: 0, text });
        this.#tell(item, "reasoning_summary_part.done", {
          summary_index: 0,
          part: summaryPart(text),
        });
        break;
      }
      case "message":
        this.#finishPart(item);
        break;
      case "function_call": {
        const { name, arguments: args } = item;
        this.#tell(item, "function_call_arguments.done", { name, arguments: args });
        break;
      }
      default:
        item satisfies never;
    }
    this.#events.push({
      type: "response.output_item.done",
      output_index: item.at,
      item: itemBody(item),
    });
  }

  #finishPart(item: MessageItem): void {
    const part = item.parts.at(-1);
    if (!part) return;
    const content_index = item.parts.length - 1;
    if (part.type === "refusal") {
      this.#tell(item, "refusal.done", { content_index, refusal: part.refusal });
    } else {
      const { text, logprobs } = part;
      this.#tell(item, "output_text.done", { content_index, text, logprobs });
    }
    this.#tell(item, "content_part.done", { content_index, part: partBody(part) });
  }

  // ---- Events

  #tell({ id, at }: Item, what: string, more: Fields): void {
    this.#events.push({ type: `response.${what}`, item_id: id, output_index: at, ...more });
  }

  #told(): readonly ResponseEvent[] {
    const told = this.#events;
    this.#events = [];
    return told;
  }
}

/**
 * Whether an item under way is done once another begins. A call whose arguments are not whole yet is
 * not: some upstreams write several at once.
 */
function isWhole(item: Item): boolean {
  if (item.status !== "in_progress" || item.type !== "function_call") return true;
  try {
    JSON.parse(item.arguments);
    return true;
  } catch {
    return false;
  }
}

function logprobsOf({ logprobs }: Fields): unknown[] {
  const { content } = (logprobs ?? {}) as Fields;
  return Array.isArray(content) ? content : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
