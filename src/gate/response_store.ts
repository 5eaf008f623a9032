/**
 * Response store: the responses that their clients asked to be stored, in memory. It is bounded in
 * number, in size and in age; what is oldest goes first, and nothing outlives the process. A response
 * belongs to the client key that made it: to any other it does not exist.
 * @module
 */
import type { Clock } from "./clock.ts";
import type { Message } from "../openai/chat_request.ts";
import type { ResponseBody } from "../openai/response_body.ts";

export interface StoredResponse {
  readonly body: ResponseBody;
  /** The conversation up to and with the answer, without instructions: those are not carried on. */
  readonly messages: readonly Message[];
}

/** Name of a client key; absent where the door is open. */
type Client = string | undefined;

export interface StoreLimits {
  readonly maxResponses: number;
  /** Characters of JSON text; a conversation counts with each response that goes on with it. */
  readonly maxChars: number;
  readonly maxAgeMs: number;
}

export const STORE_LIMITS: StoreLimits = {
  maxResponses: 10_000,
  maxChars: 32_000_000,
  maxAgeMs: 24 * 3_600_000,
};

interface Entry {
  readonly client: Client;
  readonly response: StoredResponse;
  readonly chars: number;
  readonly storedAt: number;
}

export class ResponseStore {
  /** By id, oldest first. */
  readonly #entries = new Map<string, Entry>();
  #chars = 0;

  constructor(readonly clock: Clock, readonly limits: StoreLimits = STORE_LIMITS) {}

  put(response: StoredResponse, client: Client): void {
    const chars = JSON.stringify(response).length;
    this.#entries.set(response.body.id, { client, response, chars, storedAt: this.clock.now() });
    this.#chars += chars;
    this.#forgetOldest();
  }

  get(id: string, client: Client): StoredResponse | undefined {
    this.#forgetOldest();
    const entry = this.#entries.get(id);
    return entry?.client === client ? entry?.response : undefined;
  }

  /** Whether there was one to delete. */
  delete(id: string, client: Client): boolean {
    if (this.get(id, client) === undefined) return false;
    this.#forget(id);
    return true;
  }

  #forgetOldest(): void {
    const { maxResponses, maxChars, maxAgeMs } = this.limits;
    const diedAt = this.clock.now() - maxAgeMs;
    for (const [id, { storedAt }] of this.#entries) {
      const full = this.#entries.size > maxResponses || this.#chars > maxChars;
      if (!full && storedAt > diedAt) return;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#chars -= this.#entries.get(id)?.chars ?? 0;
    this.#entries.delete(id);
  }
}
