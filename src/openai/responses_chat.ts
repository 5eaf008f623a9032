/**
 * From a request of the Responses API to the chat completion that it comes to: items become turns,
 * and each parameter goes by its other name. Pure.
 * Source: OpenAI API reference, "Create a model response", "Create chat completion".
 * @module
 */
import type { ChatRequest, Message } from "./chat_request.ts";
import type { ContentPart, InputItem, ResponsesRequest } from "./responses_request.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a response keeps to itself or says in another way; all else goes as it came. */
const NOT_PASSED = new Set([
  "input",
  "instructions",
  "store",
  "previous_response_id",
  "metadata",
  "tools",
  "tool_choice",
  "text",
  "reasoning",
  "max_output_tokens",
  "max_tool_calls",
  "top_logprobs",
  "include",
  "truncation",
  "background",
  "stream_options",
]);

/** @param conversation The turns, oldest first, without the instructions. */
export function toChatRequest(
  request: ResponsesRequest,
  conversation: readonly Message[],
): ChatRequest {
  const { instructions, tools, tool_choice, text, reasoning, max_output_tokens } = request;
  const passed = Object.entries(request).filter(([name]) => !NOT_PASSED.has(name));
  const system: Message[] = instructions ? [{ role: "system", content: instructions }] : [];
  return {
    model: request.model,
    ...set(Object.fromEntries(passed)),
    ...set({
      max_tokens: max_output_tokens,
      tools: tools?.length ? tools.map(toChatTool) : undefined,
      tool_choice: toChatChoice(tool_choice),
      response_format: toResponseFormat(text?.format),
      verbosity: text?.verbosity,
      reasoning_effort: reasoning?.effort,
      ...logprobs(request),
    }),
    messages: [...system, ...conversation],
  };
}

/** The turns that a request's input stands for. */
export function toMessages(input: ResponsesRequest["input"]): Message[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const messages: Message[] = [];
  for (const item of input) addTurn(messages, item);
  return messages;
}

function addTurn(messages: Message[], item: InputItem): void {
  switch (item.type) {
    case "message": {
      const { role, content } = item;
      messages.push(
        role === "assistant" ? assistantTurn(content) : { role, content: toContent(content) },
      );
      return;
    }
    case "function_call": {
      // A turn's text and its calls are items of their own here, and one message there.
      const last = messages.at(-1);
      const turn: Message = last?.role === "assistant"
        ? last
        : { role: "assistant", content: null };
      const calls = (turn["tool_calls"] ?? []) as readonly Fields[];
      if (turn === last) messages.pop();
      messages.push({ ...turn, tool_calls: [...calls, toChatCall(item)] });
      return;
    }
    case "function_call_output":
      messages.push({
        role: "tool",
        tool_call_id: item.call_id,
        content: toContent(item.output),
      });
      return;
    case "reasoning":
      return;
    default:
      return item satisfies never;
  }
}

/** Many servers take an assistant's turn only as one string. */
function assistantTurn(content: string | readonly ContentPart[]): Message {
  if (typeof content === "string") return { role: "assistant", content };
  const text = content.map((part) => "text" in part ? part.text : "").join("");
  const refusal = content.map((part) => part.type === "refusal" ? part.refusal : "").join("");
  if (refusal === "") return { role: "assistant", content: text };
  return { role: "assistant", content: text === "" ? null : text, refusal };
}

function toContent(content: string | readonly ContentPart[]): Message["content"] {
  if (typeof content === "string") return content;
  const [only] = content;
  return content.length === 1 && only && "text" in only
    ? only.text as string
    : content.map(toChatPart);
}

function toChatPart(part: ContentPart): Fields & { readonly type: string } {
  switch (part.type) {
    case "input_text":
    case "output_text":
      return { type: "text", text: part.text };
    case "refusal":
      return { type: "refusal", refusal: part.refusal };
    case "input_image": {
      const { image_url: url, detail } = part;
      return { type: "image_url", image_url: detail ? { url, detail } : { url } };
    }
    case "input_file": {
      const { file_data, filename, file_id } = part;
      return { type: "file", file: set({ file_data, filename, file_id }) };
    }
    case "input_audio":
      return { type: "input_audio", input_audio: part.input_audio };
    default:
      return part satisfies never;
  }
}

function toChatCall({ call_id, name, arguments: args }: InputItem & { type: "function_call" }) {
  return { id: call_id, type: "function", function: { name, arguments: args } };
}

function toChatTool(
  { name, description, parameters, strict }: NonNullable<ResponsesRequest["tools"]>[number],
) {
  return { type: "function", function: set({ name, description, parameters, strict }) };
}

function toChatChoice(choice: ResponsesRequest["tool_choice"]): unknown {
  if (typeof choice !== "object" || choice === null) return choice;
  if (choice.type === "function") return chatFunction(choice);
  const { mode, tools } = choice;
  return { type: "allowed_tools", allowed_tools: { mode, tools: tools.map(chatFunction) } };
}

function chatFunction({ name }: { readonly name: string }) {
  return { type: "function", function: { name } };
}

function toResponseFormat(format: NonNullable<ResponsesRequest["text"]>["format"]): unknown {
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json_object" };
  const { name, schema, description, strict } = format;
  return { type: "json_schema", json_schema: set({ name, schema, description, strict }) };
}

function logprobs({ include, top_logprobs }: ResponsesRequest): Fields {
  const wanted = include?.includes("message.output_text.logprobs") || Boolean(top_logprobs);
  return wanted ? { logprobs: true, ...(top_logprobs ? { top_logprobs } : {}) } : {};
}

/** The fields that have a value: null stands for one that was left out. */
function set(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}
