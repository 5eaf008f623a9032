/**
 * Faults: which of a model's faults a request meets, and what the fault does to the answer.
 * @module
 */
import type { Behaviour } from "./behaviour.ts";
import type { Part } from "./part.ts";
import { JSON_HEADERS, type Plan } from "./plan.ts";
import type { Rng } from "./rng.ts";
import type { FaultName, Model } from "./simulated_model.ts";

/** One fault or none, by the model's rates. */
export function drawFault(model: Model, rng: Rng): FaultName | null {
  let left = rng.next();
  for (const [fault, rate] of Object.entries(model.failures)) {
    if (left < rate) return fault as FaultName;
    left -= rate;
  }
  return null;
}

/** What a fault changes before the answer is written. */
export function behaviourOf(fault: FaultName | null, model: Model, rng: Rng): Behaviour {
  switch (fault) {
    case "http500":
      return { status: 500 };
    case "http429":
      return { status: 429, headers: { "retry-after": String(model.retryAfterS) } };
    case "hang":
      return { hang: "headers" };
    case "empty":
      return { answer: rng.pick([null, ""]) };
    case "cut":
    case "malformed":
    case "drip":
    case null:
      return {};
    default:
      return fault satisfies never;
  }
}

/** What a fault does to an answer that is already written. */
export function spoil(
  plan: Plan,
  fault: FaultName | null,
  { model, rng }: { model: Model; rng: Rng },
): Plan {
  switch (fault) {
    case "cut": {
      const total = [...plan.parts].reduce((sum, part) => sum + part.bytes.length, 0);
      return { ...plan, cutAfterBytes: Math.floor(total * (0.1 + 0.8 * rng.next())) };
    }
    case "malformed":
      return {
        ...plan,
        parts: malformed([...plan.parts], rng),
        ...(rng.next() < 0.2 ? proxyPage : {}),
        unusable: true,
      };
    case "drip":
      return { ...plan, parts: dripped(plan.parts, model.dripMs), separate: true };
    case "http500":
    case "http429":
    case "hang":
    case "empty":
    case null:
      return plan;
    default:
      return fault satisfies never;
  }
}

/**
 * The answer breaks off in the middle of an event or value, and is sent as if it were whole. Nobody
 * is told by it what it cost: who reads it stops where it is broken.
 */
function malformed(parts: readonly Part[], rng: Rng): Part[] {
  const broken = parts[Math.floor(rng.next() * Math.max(parts.length - 1, 1))];
  return parts.map((part) => {
    const { bytes, afterMs } = part;
    return { bytes: part === broken ? `${bytes.slice(0, bytes.length / 2)}\n\n` : bytes, afterMs };
  });
}

/** What a proxy in front of a dead server says, with a status that claims success. */
const proxyPage: Partial<Plan> = {
  headers: JSON_HEADERS,
  parts: [{ bytes: "<html><body><h1>Bad Gateway</h1></body></html>", afterMs: 0 }],
};

const encoder = new TextEncoder();

function* dripped(parts: Iterable<Part>, dripMs: number): Generator<Part> {
  for (const { bytes, afterMs, tellsUsage = false } of parts) {
    const raw = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
    for (let at = 0; at < raw.length; at++) {
      yield {
        bytes: raw.subarray(at, at + 1),
        afterMs: at === 0 && afterMs > dripMs ? afterMs : dripMs,
        ...(tellsUsage && at === raw.length - 1 ? { tellsUsage } : {}),
      };
    }
  }
}
