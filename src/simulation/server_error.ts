/**
 * Server error: what an upstream says with a status of 400 and above.
 * Source: OpenAI platform guide, "Error codes".
 * @module
 */
import type { ErrorBody } from "../openai/error_body.ts";

export function serverError(status: number): ErrorBody["error"] {
  const known = errors[status];
  const [type, code, message] = known ??
    (status >= 500
      ? ["server_error", null, "The server had an error while processing your request."]
      : ["invalid_request_error", null, "The request cannot be served."]);
  return { message, type, param: null, code };
}

const errors: Readonly<
  Record<number, readonly [type: string, code: string | null, message: string]>
> = {
  401: ["invalid_request_error", "invalid_api_key", "Incorrect API key provided."],
  403: ["invalid_request_error", "access_denied", "This key may not use this model."],
  404: ["invalid_request_error", "model_not_found", "The model does not exist."],
  429: ["requests", "rate_limit_exceeded", "Rate limit reached for requests."],
  503: ["server_error", null, "The engine is currently overloaded, please try again later."],
};
