/**
 * Tool call: what a model wants called, on its way from a panel member to the coordinator.
 * @module
 */
import * as z from "zod";

export const toolCallSchema = z.strictObject({
  /** As the model named it, where it did. */
  id: z.string().optional(),
  type: z.enum(["function", "custom"]),
  name: z.string(),
  /** JSON text of a function's arguments, or a custom tool's input. */
  input: z.string(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;
