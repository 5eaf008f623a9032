/**
 * Config: what the whole gateway runs on, resolved: every default filled in, every model tied to
 * its backend, no secret inside (see secrets.ts). Types only.
 * @module
 */
import type { ModelRef, Price, Profile } from "../fusion/profile.ts";
import type { HealthPolicy } from "../health/upstream_health.ts";
import type { Limits } from "../store/store.ts";
import type { StoreConfig } from "../store/store_config.ts";
import type { BindAddress } from "./bind.ts";

export interface Config {
  readonly server: ServerConfig;
  readonly runtime: RuntimeConfig;
  readonly retry: HealthPolicy["retry"];
  readonly breaker: HealthPolicy["breaker"];
  readonly hedge: HealthPolicy["hedge"];
  readonly backends: readonly Backend[];
  readonly profiles: readonly Profile[];
  readonly prices: readonly Price[];
  /** Where limits and ledger are kept; absent: limits in this process, and no ledger. */
  readonly store?: StoreConfig;
}

export interface ServerConfig {
  /** As written, e.g. `[::1]:8080`; `hostname` and `port` are its parts. */
  readonly bind: string;
  /** Without brackets; `0.0.0.0` where the file gives only a port. */
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly maxConcurrentRequests: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  /** Upstream calls that all runs together may have open; 0: as many as they like. */
  readonly maxUpstreamCalls: number;
  readonly maxBodyBytes: number;
  /** How long a request's body may take to arrive. */
  readonly bodyTimeoutMs: number;
  /** Origins a browser may call from, or `*`. */
  readonly corsOrigins: readonly string[];
  /** Models that clients may ask for by their own id, which are then passed through. */
  readonly passthrough: readonly ModelRef[];
  readonly shutdownGraceMs: number;
  /** Where `/metrics` is served, and only there; absent: beside everything else. */
  readonly metricsAddress?: BindAddress;
  /** Environment variable with the key that readers of `/metrics` present; absent: none. */
  readonly metricsKeyEnv?: string;
  /** Of each client key that does not set its own, and of callers without one. */
  readonly limits: Limits;
  readonly auth: {
    /** Environment variable with comma-separated client keys. */
    readonly keysEnv?: string;
    readonly keys: readonly ClientKey[];
  };
}

/** A client's key as it is kept: its name for logs and ledger and its SHA-256 in lower-case hex. */
export interface ClientKey {
  readonly name: string;
  readonly sha256: string;
  readonly limits: Limits;
}

/** The worker pool and its supervision. */
export interface RuntimeConfig {
  readonly workers: number;
  readonly maxRestarts: number;
  readonly restartWindowMs: number;
  readonly heartbeatMs: number;
}

/** One OpenAI-compatible server. */
export interface Backend {
  readonly name: string;
  /** Without a trailing slash; `/chat/completions` is appended to it. */
  readonly baseUrl: string;
  /** Environment variable with the key; absent for a server without one. */
  readonly apiKeyEnv?: string;
  /** Time limit of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** What none of its models takes (protocol/quirk.ts); the rest is learned. */
  readonly quirks?: readonly string[];
  /** Calls that it is given at once; absent: any number. */
  readonly maxConcurrent?: number;
}
