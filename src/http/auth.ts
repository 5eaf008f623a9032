/**
 * Lets in who presents one of the configured client keys as `Authorization: Bearer KEY`; with no
 * key configured the door is open. Only the keys' SHA-256 is known here. Every key is compared,
 * each in constant time, so that the time taken says nothing about any of them.
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { Refused } from "../gate/refusal.ts";
import type { DoorEnv } from "./door_env.ts";

export interface ClientKey {
  /** Stands in logs; not secret. */
  readonly name: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

const BEARER = /^bearer +(\S+) *$/i;

export function authentication(keys: readonly ClientKey[]): MiddlewareHandler<DoorEnv> {
  if (keys.length === 0) return (_c, next) => next();
  const known = keys.map(({ name, sha256 }) => ({ name, digest: Buffer.from(sha256, "hex") }));
  return (c, next) => {
    const key = BEARER.exec(c.req.header("authorization") ?? "")?.[1];
    const digest = createHash("sha256").update(key ?? "").digest();
    let client: string | undefined;
    for (const candidate of known) {
      if (timingSafeEqual(candidate.digest, digest)) client = candidate.name;
    }
    if (key === undefined || client === undefined) {
      throw new Refused({ type: "unauthenticated", keySent: key !== undefined });
    }
    c.set("client", client);
    return next();
  };
}
