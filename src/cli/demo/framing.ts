/**
 * Framing: what the demo says around its findings: what is real and what is not, what was asked of
 * whom, whose words the answer shares, and how to go on. Pure: lines go out.
 * @module
 */
import type { Profile } from "../../fusion/profile.ts";
import type { FusionTrace } from "./ask_gateway.ts";
import type { Ink } from "./ink.ts";
import { block, heading, MARGIN, paragraph, seconds } from "./page.ts";

export interface Asked {
  readonly question: string;
  /** As a client names the profile: `fusion/…`. */
  readonly model: string;
  readonly panel: Profile["panel"];
}

/** Everything that stands above the answer. */
export function opening({ question, model, panel }: Asked, ink: Ink): string[] {
  const members = panel.members.map(({ id }) => id).join(", ");
  const grace = panel.graceMs === undefined ? "a while" : seconds(panel.graceMs);
  return [
    "",
    `${MARGIN}${ink.paint("title", "TUTTI")}  one answer out of many models`,
    "",
    ...paragraph(
      "Every model below is simulated, by a small server inside this process. What stands in " +
        "front of it is the real gateway: its workers, its HTTP, its streaming, its clock.",
      ink,
      "quiet",
    ),
    ...heading("QUESTION", ink, model),
    ...paragraph(question, ink, "strong"),
    ...paragraph(
      `Asked at once: ${members}. ${panel.minQuorum} answers are a quorum; the others then have ` +
        `${grace} more.`,
      ink,
      "quiet",
    ),
    ...heading("ANSWER", ink, "streamed as it is written"),
  ];
}

/** How much of the answer comes from each member. */
export function memberShares({ panel }: FusionTrace, ink: Ink): string[] {
  const shares = panel
    .flatMap(({ model, share }) => share === null ? [] : [{ model, share }])
    .sort((a, b) => b.share - a.share)
    .map(({ model, share }) => `${model} ${Math.round(share * 100)}%`);
  if (shares.length === 0) return [];
  return ["", ...paragraph(`Share of each member: ${shares.join(", ")}.`, ink, "quiet")];
}

export interface Invited {
  /** Of the gateway, as somebody on this machine reaches it. */
  readonly url: string;
  readonly model: string;
  readonly question: string;
}

/** How to go on. */
export function invitation({ url, model, question }: Invited, ink: Ink): string[] {
  const row = (name: string, text: string) => block(name, [{ mark: "", text }], ink).slice(1);
  return [
    ...heading("YOUR TURN", ink, "ctrl-c ends it"),
    `${MARGIN}curl ${url}/v1/chat/completions \\`,
    `${MARGIN}  -H 'content-type: application/json' \\`,
    `${MARGIN}  -d '{"model": "${model}", "messages": [`,
    `${MARGIN}       {"role": "user", "content": "${question}"}]}'`,
    "",
    ...row("OpenAI SDK", `base_url="${url}/v1", any api_key`),
    ...row("metrics", `${url}/metrics`),
    ...row("your models", "begin with config.example.toml, and start instead of demo"),
    "",
  ];
}
