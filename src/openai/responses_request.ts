/**
 * A request of the Responses API. Loose: what Tutti reads is typed, what it cannot do is refused by
 * name, everything else passes on to the final call as it is.
 * Source: OpenAI API reference, "Create a model response".
 * @module
 */
import * as z from "zod";
import { chatRequestSchema, fusionExtensionSchema } from "./chat_request.ts";

const textPart = z.looseObject({
  type: z.enum(["input_text", "output_text"]),
  text: z.string(),
});
const refusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const imagePart = z.looseObject({
  type: z.literal("input_image"),
  /** An address, or the image itself as a `data:` URL. */
  image_url: z.string(),
  detail: z.string().nullish(),
});
const filePart = z.looseObject({
  type: z.literal("input_file"),
  file_data: z.string().nullish(),
  filename: z.string().nullish(),
  file_id: z.string().nullish(),
  file_url: z.null("Must be left out: a file comes as file_data or file_id").optional(),
});
const audioPart = z.looseObject({
  type: z.literal("input_audio"),
  input_audio: z.looseObject({ data: z.string(), format: z.string() }),
});

const contentPart = z.discriminatedUnion("type", [
  textPart,
  refusalPart,
  imagePart,
  filePart,
  audioPart,
]);
export type ContentPart = z.infer<typeof contentPart>;
const content = z.union([z.string(), z.array(contentPart)]);

const messageItem = z.looseObject({
  type: z.literal("message"),
  role: z.enum(["user", "assistant", "system", "developer"]),
  content,
});
const callItem = z.looseObject({
  type: z.literal("function_call"),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
const callOutputItem = z.looseObject({
  type: z.literal("function_call_output"),
  call_id: z.string(),
  output: content,
});
/** What a model thought in an earlier turn: no model is shown another's thoughts. */
const reasoningItem = z.looseObject({ type: z.literal("reasoning") });

const inputItem = z.preprocess(
  withType,
  z.discriminatedUnion("type", [messageItem, callItem, callOutputItem, reasoningItem]),
);
export type InputItem = z.infer<typeof inputItem>;

/** A message may leave its type out. */
function withType(item: unknown): unknown {
  const isTyped = typeof item !== "object" || item === null || "type" in item;
  return isTyped ? item : { ...item, type: "message" };
}

const functionTool = z.looseObject({
  type: z.literal("function", "Only function tools are served here"),
  name: z.string(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

const namedFunction = z.looseObject({ type: z.literal("function"), name: z.string() });
const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  namedFunction,
  z.looseObject({
    type: z.literal("allowed_tools"),
    mode: z.enum(["auto", "required"]),
    tools: z.array(namedFunction),
  }),
], "Must be none, auto, required, a function, or allowed_tools of functions");

const textFormat = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    name: z.string(),
    schema: z.record(z.string(), z.unknown()),
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);

/** What only OpenAI's own servers have. */
const unserved = (instead: string) => z.null(`Is not served here: ${instead}`).optional();

/** Read by who answers, and passed on to it as they are. */
const { stop, max_tokens, max_completion_tokens } = chatRequestSchema.shape;

export const responsesRequestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(inputItem)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({}).nullish(),
  store: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  tools: z.array(functionTool).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.looseObject({ format: textFormat.nullish(), verbosity: z.string().nullish() }).nullish(),
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop,
  max_tokens,
  max_completion_tokens,
  top_logprobs: z.int().min(0).max(20).nullish(),
  include: z.array(z.string()).nullish(),
  truncation: z.literal("disabled", "Must be disabled: no input is cut short here").nullish(),
  background: z.literal(false, "Must be false: a response is made while its client waits")
    .nullish(),
  conversation: unserved("send the items, or previous_response_id"),
  prompt: unserved("send instructions and input"),
  context_management: unserved("send the items that are to be seen"),
  moderation: unserved("ask a moderation model"),
  fusion: fusionExtensionSchema.optional(),
}).superRefine((request, context) => {
  for (const name of CHAT_ONLY) {
    if (request[name] === undefined || request[name] === null) continue;
    context.addIssue({ code: "unrecognized_keys", keys: [name], input: request });
  }
});
export type ResponsesRequest = z.infer<typeof responsesRequestSchema>;

/** Parameters of chat completions that say what these say in another way, or have no place here. */
const CHAT_ONLY = ["messages", "n", "functions", "function_call", "modalities", "audio"];
