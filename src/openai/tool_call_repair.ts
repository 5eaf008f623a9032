/**
 * Tool call repair: a final answer's tool calls as clients may rely on them, whatever the upstream
 * left out: each has an id and a type, streamed pieces bear the index of their call, and a choice
 * that calls says so in its `finish_reason`. What is right stays as it is.
 *
 * Clients add pieces up by index and join what repeats (openai-python joins two ids into one), so
 * id, type and name are sent once.
 * @module
 */
import { asRecord } from "./as_record.ts";
import { argumentsText } from "./tool_calls.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface RepairOptions {
  /** A new unique id: `call_…`. */
  readonly newId: () => string;
}

/** A whole choice: its message and its finish reason. */
export function repairedChoice<Choice extends Fields>(
  choice: Choice,
  options: RepairOptions,
): Choice {
  const message = asRecord(choice.message);
  const { tool_calls: calls } = message;
  const finish_reason = finishReasonOf(choice.finish_reason, message);
  if (!Array.isArray(calls) || calls.length === 0) return { ...choice, finish_reason };
  const tool_calls = calls.map((call) => wholeCall(asRecord(call), options));
  return { ...choice, message: { ...message, tool_calls }, finish_reason };
}

/** The pieces of one streamed answer, in order. */
export class ToolCallStream {
  readonly #choices = new Map<unknown, StreamedChoice>();

  constructor(readonly options: RepairOptions) {}

  /** A chunk's `choices[]` element as it is to be passed on. */
  repaired<Choice extends Fields>(choice: Choice): Choice {
    const delta = asRecord(choice.delta);
    const calls = Array.isArray(delta.tool_calls) ? delta.tool_calls : [];
    const known = this.#choices.get(choice.index ?? 0);
    if (calls.length === 0 && !delta.function_call && !known) return choice;
    const state = known ?? { calls: [], byKey: new Map(), legacy: false };
    this.#choices.set(choice.index ?? 0, state);
    state.legacy ||= Boolean(delta.function_call);
    const tool_calls = calls.map((piece) => this.#piece(asRecord(piece), state));
    return {
      ...choice,
      ...(calls.length > 0 ? { delta: { ...delta, tool_calls } } : {}),
      ...(choice.finish_reason === "stop"
        ? { finish_reason: state.legacy ? "function_call" : "tool_calls" }
        : {}),
    };
  }

  #piece(piece: Fields, state: StreamedChoice): Fields {
    const { index: _index, id: _id, type: _type, ...rest } = piece;
    const at = placeOf(piece, state);
    const begun = state.calls[at];
    if (begun === undefined) {
      const { index: _none, ...whole } = wholeCall(piece, this.options);
      const { id, name } = { id: String(whole.id), name: nameOf(whole) };
      state.calls[at] = { id, name };
      return { index: at, ...whole };
    }
    const inner = rest.custom === undefined ? "function" : "custom";
    const { name, arguments: args, ...others } = asRecord(rest[inner]);
    return {
      index: at,
      ...rest,
      [inner]: {
        ...others,
        ...(name === undefined || name === null || name === begun.name ? {} : { name }),
        ...(args === undefined ? {} : { arguments: argumentsText(args) }),
      },
    };
  }
}

interface StreamedChoice {
  readonly calls: { readonly id: string; readonly name: string }[];
  /** The place of a call, by what the upstream calls it. */
  readonly byKey: Map<unknown, number>;
  legacy: boolean;
}

/** To which call a piece belongs: by index and id where they agree, else by what is there. */
function placeOf({ index, id, ...rest }: Fields, { calls, byKey }: StreamedChoice): number {
  const isNamed = typeof id === "string" && id !== "";
  const byId = isNamed ? calls.findIndex((call) => call.id === id) : -1;
  if (byId >= 0) return byId;
  const byIndex = byKey.get(index);
  const startsAnew = isNamed || (index === undefined && nameOf(rest) !== "");
  if (typeof index === "number" && byIndex !== undefined && !isNamed) return byIndex;
  if (index === undefined && !startsAnew && calls.length > 0) return calls.length - 1;
  const at = calls.length;
  if (typeof index === "number") byKey.set(index, at);
  return at;
}

function wholeCall(call: Fields, { newId }: RepairOptions): Fields {
  const { id, type, function: called, custom } = call;
  const inner = asRecord(called);
  return {
    ...call,
    id: typeof id === "string" && id !== "" ? id : newId(),
    type: typeof type === "string" && type !== ""
      ? type
      : custom === undefined
      ? "function"
      : "custom",
    ...(called === undefined
      ? {}
      : { function: { ...inner, arguments: argumentsText(inner.arguments) } }),
  };
}

function nameOf(call: Fields): string {
  const { name } = asRecord(call.function ?? call.custom);
  return typeof name === "string" ? name : "";
}

function finishReasonOf(
  reason: unknown,
  { tool_calls: calls, function_call: legacy }: Fields,
): unknown {
  if (reason !== "stop" && reason !== undefined && reason !== null) return reason;
  if (Array.isArray(calls) && calls.length > 0) return "tool_calls";
  return legacy ? "function_call" : reason ?? "stop";
}
