/**
 * Run requests: profiles and requests for tests, with everything that a test does not speak of set to
 * something sound. Every model is of the backend `up`.
 * @module
 */
import type { Member, ModelRef, Profile } from "../../src/fusion/profile.ts";
import type { RunRequest } from "../../src/fusion/run_request.ts";
import type { ChatRequest, Message } from "../../src/openai/chat_request.ts";

export const BACKEND = "up";

export function model(name: string): ModelRef {
  return { id: name, backend: BACKEND, model: name };
}

export interface ProfileSpec {
  readonly members?: readonly (string | Partial<Member> & { readonly model: string })[];
  readonly router?: Partial<Profile["router"]>;
  readonly panel?: Partial<Omit<Profile["panel"], "members">>;
  readonly aggregator?: Partial<Profile["aggregator"]>;
}

/** Members a, b and c, a quorum of two, judged by `judge`, synthesized by `synth`. */
export function profile(
  { members = ["a", "b", "c"], router, panel, aggregator }: ProfileSpec = {},
): Profile {
  return {
    name: "test",
    deadlineMs: 20_000,
    router: { policy: "always_fuse", singleModel: model("single"), threshold: 0.5, ...router },
    panel: {
      members: members.map((member) =>
        typeof member === "string" ? model(member) : { ...model(member.model), ...member }
      ),
      selfMoa: false,
      samples: 3,
      minQuorum: 2,
      timeoutMs: 15_000,
      belowQuorum: "fail",
      ...panel,
    },
    aggregator: {
      judge: model("judge"),
      synthesizer: model("synth"),
      anonymizeSources: true,
      normalizeLength: true,
      singleSourceCap: true,
      layers: 1,
      maxReferenceChars: 8_000,
      mode: "synthesize",
      judgeSwaps: 1,
      maxShare: 0.8,
      consensusThreshold: 0.8,
      ...aggregator,
    },
    tools: { policy: "bypass" },
    stream: { keepalive: "chunk", keepaliveMs: 10_000 },
  };
}

export interface RequestSpec extends ProfileSpec {
  readonly route?: RunRequest["route"];
  readonly stream?: boolean;
  readonly deadlineMs?: number;
  readonly messages?: Message[];
  /** Further parameters of the caller's. */
  readonly params?: Partial<ChatRequest>;
  readonly now: number;
}

export function runRequest(
  { route = "fuse", stream = false, deadlineMs = 20_000, messages, params, now, ...spec }:
    RequestSpec,
): RunRequest {
  return {
    id: "req-1",
    profile: profile(spec),
    route,
    stream,
    startedAt: now,
    deadlineAt: now + deadlineMs,
    request: {
      model: "fusion/test",
      messages: messages ?? [{ role: "user", content: "What is the capital of France?" }],
      ...params,
    },
  };
}
