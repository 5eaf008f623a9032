/**
 * A chat-completion request. Loose: what Tutti reads is typed, everything else passes on to the
 * final call untouched. Source: OpenAI API reference, "Create chat completion".
 * @module
 */
import * as z from "zod";

const textPart = z.looseObject({ type: z.literal("text"), text: z.string() });
const otherPart = z.looseObject({ type: z.string() }).refine((part) => part.type !== "text");

export const messageSchema = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: z.union([z.string(), z.array(z.union([textPart, otherPart])), z.null()]).optional(),
  tool_calls: z.array(z.looseObject({})).nullish(),
});
export type Message = z.infer<typeof messageSchema>;

/** The request extension: `extra_body={"fusion": {...}}` in OpenAI's SDKs. */
export const fusionExtensionSchema = z.strictObject({
  trace: z.boolean().describe("Tell what happened, in `fusion` of the answer.").optional(),
  deadline_ms: z.int().min(1).max(3_600_000)
    .describe("Shortens the profile's deadline.").optional(),
  route: z.enum(["single", "fuse"])
    .describe("One model or the panel, whatever the profile's router says.").optional(),
});

export const chatRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  fusion: fusionExtensionSchema.optional(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;

/** The readable text of a message: its string, or its text parts joined by a newline. */
export function messageText(message: Message): string {
  if (typeof message.content === "string") return message.content;
  if (!Array.isArray(message.content)) return "";
  return message.content
    .filter((part) => part.type === "text" && typeof part.text === "string")
    .map((part) => part.text as string)
    .join("\n");
}
