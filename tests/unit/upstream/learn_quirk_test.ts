import assert from "node:assert/strict";
import type { Message } from "../../../src/openai/chat_request.ts";
import type { ErrorObject } from "../../../src/upstream/error_object.ts";
import { learnQuirk } from "../../../src/upstream/quirks.ts";

const NONE: ReadonlySet<string> = new Set();
const asked: Message[] = [{ role: "system", content: "Be brief." }, {
  role: "user",
  content: "Hi",
}];
const part = (type: string): Message[] => [{ role: "user", content: [{ type }] }];

interface Case {
  readonly params?: Record<string, unknown>;
  readonly droppable?: string[];
  readonly messages?: Message[];
  readonly known?: ReadonlySet<string>;
  readonly status?: number;
}

function learned(
  refusal: ErrorObject | string,
  { params = {}, droppable = [], messages = asked, known = NONE, status = 400 }: Case = {},
): string | null {
  const error = typeof refusal === "string" ? { message: refusal } : refusal;
  return learnQuirk(error, { status, params, droppable: new Set(droppable), messages }, known);
}

Deno.test("learnQuirk() knows the words of servers whose roles must alternate", () => {
  for (
    const message of [
      "Conversation roles must alternate user/assistant/user/assistant/...",
      "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
      'messages: roles must alternate between "user" and "assistant", but found multiple "user" roles in a row',
      "deepseek-reasoner does not support successive user or assistant messages (messages[1] and messages[2] in your input)",
      "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).",
    ]
  ) {
    assert.equal(
      learned(message, { params: { user: "u" }, droppable: ["user"] }),
      "alternate_roles",
    );
  }
});

Deno.test("learnQuirk() knows the words of servers without a system or developer role", () => {
  for (
    const message of [
      "System role not supported",
      "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      "Developer instruction is not enabled for models/gemma-3-27b-it",
      "system messages are not allowed for this model",
    ]
  ) assert.equal(learned(message), "no_system", message);
  const developer: Message[] = [{ role: "developer", content: "x" }, ...asked];
  const message = "Unknown role: developer";
  assert.equal(learned(message, { messages: developer }), "no_developer");
  assert.equal(learned(message), null);
  assert.equal(learned("System role not supported", { messages: [asked[1]!] }), null);
});

Deno.test("learnQuirk() knows the words of servers that take no images", () => {
  for (
    const message of [
      "Invalid content type. image_url is only supported by certain models.",
      "this model does not support image input (ref: 0)",
      "meta/llama is not a multimodal model",
      "At most 0 image(s) may be provided in one request.",
      "No endpoints found that support image input",
      "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
      "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text`",
      `[{"loc":["body","messages",0],"msg":"Input should be 'text'"}]`,
    ]
  ) {
    assert.equal(learned(message, { messages: part("image_url") }), "no_images", message);
    assert.equal(learned(message), null, message);
  }
});

Deno.test("learnQuirk() takes a bad image for no quirk", () => {
  for (
    const message of [
      "Failed to download image from https://a.example: the host does not support HTTPS",
      "Invalid image data: unsupported image type",
      "The image is too large: images over 20 MB are not supported",
      "You uploaded an unsupported image. Please make sure your image is one of ['png', 'jpeg'].",
      "Unsupported MIME type: image/svg+xml",
      "Unsupported image format",
    ]
  ) assert.equal(learned(message, { messages: part("image_url") }), null, message);
});

Deno.test("learnQuirk() tells audio, files and refusals apart", () => {
  const message = "input_audio, file and refusal parts are not supported";
  assert.equal(learned(message, { messages: part("input_audio") }), "no_audio");
  assert.equal(learned(message, { messages: part("file") }), "no_files");
  assert.equal(learned(message, { messages: part("refusal") }), "no_refusals");
});

Deno.test("learnQuirk() learns which form of response_format is refused", () => {
  const form = (type: string) => ({ params: { response_format: { type } } });
  for (
    const message of [
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      "'response_format.type' must be 'json_object' or 'text'",
      'response_format type must be one of "text" or "json_object", but got: json_schema',
      "This response_format type is unavailable now",
      "This model does not support response format `json_schema`.",
    ]
  ) {
    assert.equal(learned(message, form("json_schema")), "no_json_schema", message);
    assert.equal(learned(message, form("json_object")), "no_json_object", message);
    assert.equal(learned(message, form("text")), null, message);
  }
});

Deno.test("learnQuirk() leaves a schema that is at fault to the caller", () => {
  const params = { response_format: { type: "json_schema" } };
  const message = "Invalid schema for response_format 'x': unknown keyword, not permitted";
  assert.equal(learned({ message, param: "response_format" }, { params }), null);
  const code = "invalid_json_schema";
  assert.equal(learned({ message: "response_format: not supported", code }, { params }), null);
});

Deno.test("learnQuirk() learns the newer name of max_tokens, whoever set it", () => {
  const params = { max_tokens: 5 };
  const message =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  assert.equal(learned({ message, param: "max_tokens" }, { params }), "max_completion_tokens");
  assert.equal(learned(message), null);
});

Deno.test("learnQuirk() leaves out a parameter only where the call allows it", () => {
  const params = { temperature: 0.5, seed: 1 };
  const error = {
    message:
      "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
    param: "temperature",
  };
  assert.equal(learned(error, { params, droppable: ["temperature"] }), "drop_temperature");
  assert.equal(learned(error, { params }), null);
  assert.equal(
    learned({ message: "Extra inputs are not permitted: seed" }, { params, droppable: ["seed"] }),
    "drop_seed",
  );
  assert.equal(learned("not supported: reseeding", { params, droppable: ["seed"] }), null);
});

Deno.test("learnQuirk() learns of tools that a model cannot be given", () => {
  const of = { params: { tools: [] }, droppable: ["tools"] };
  for (
    const message of [
      "registry.ollama.ai/library/gemma:2b does not support tools",
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      "No endpoints found that support tool use.",
    ]
  ) {
    assert.equal(learned(message, of), "no_tools", message);
    assert.equal(learned(message, { params: { tools: [] } }), null, message);
  }
});

Deno.test("learnQuirk() learns nothing twice, and nothing from other errors", () => {
  const known = new Set(["alternate_roles"]);
  assert.equal(learned("Conversation roles must alternate", { known }), null);
  for (
    const message of ["This model's maximum context length is 8192 tokens", "", "no such model"]
  ) {
    assert.equal(
      learned(message, { params: { seed: 1, user: "u" }, droppable: ["seed", "user"] }),
      null,
    );
  }
});

Deno.test("learnQuirk() learns of roles, parts and forms under any status, of parameters under 400", () => {
  const of = { params: { seed: 1 }, droppable: ["seed"] };
  for (const status of [404, 500]) {
    assert.equal(learned("Conversation roles must alternate", { status }), "alternate_roles");
    const image = { messages: part("image_url"), status };
    assert.equal(learned("No endpoints found that support image input", image), "no_images");
    assert.equal(learned("Unknown parameter: seed", { ...of, status }), null);
  }
  assert.equal(learned("Unknown parameter: seed", { ...of, status: 422 }), "drop_seed");
});
