/**
 * Direct calls: the calls of one fused request as a client makes them that has no gateway: the panel's
 * at once, then the judge's, then the synthesizer's. What they take no gateway can save.
 * @module
 */
import { nextRequest, sendFused, type Sent } from "./fused_request.ts";
import { JUDGE, MEMBERS, SYNTHESIZER } from "./names.ts";
import { preciseNow } from "./precise_clock.ts";

const PANEL = MEMBERS.slice(0, 3);

/** All five under one request's number. */
export async function sendDirectly(
  upstream: { readonly baseUrl: string },
): Promise<Pick<Sent, "request" | "sentAt" | "endedAt">> {
  const request = nextRequest();
  const call = (model: string) => sendFused(upstream, { model, request });
  const sentAt = preciseNow();
  await Promise.all(PANEL.map(call));
  await call(JUDGE);
  const { endedAt } = await call(SYNTHESIZER);
  return { request, sentAt, endedAt };
}
