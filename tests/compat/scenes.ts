/**
 * Scenes: what every client asks, and what it has to get: the same question, the same tool, the same
 * schema, whatever the client calls them.
 * @module
 */
import assert from "node:assert/strict";
import * as z from "zod";
import type { House } from "./houses.ts";
import { WEATHER } from "./parts.ts";

export const QUESTION = "Why is the sky dark at night?";
export const WEATHER_QUESTION = 'What is the weather in "Paris"?';

/** Any string is a key where the door is open. */
export const API_KEY = "none";

export const weatherTool = {
  name: "get_weather",
  description: "Current weather of a city",
  schema: z.object({ city: z.string() }),
};

/** The tool itself; remembers what it was called with. */
export function weatherService() {
  const cities: string[] = [];
  return {
    cities,
    getWeather: ({ city }: { city: string }) => {
      cities.push(city);
      return WEATHER;
    },
  };
}

/** The tool was called once, and the answer speaks of what it said. */
export function assertWeather(text: string | null | undefined, cities: readonly string[]): void {
  assert.deepEqual(cities, ["Paris"]);
  assert.match(text ?? "", /18 degrees/);
}

export const reportSchema = z.object({ city: z.string(), degrees: z.number() });
export const REPORT_QUESTION = "Report the weather in Paris: 18 degrees.";

export function assertReport(report: unknown): void {
  reportSchema.parse(report);
}

/** A whole answer in prose. */
export function assertAnswer(text: string | null | undefined): void {
  assert.match(text ?? "", /^\p{Lu}[^]{20,}[.!?:]$/u);
}

/** Nothing of a request is left in the gateway. */
export async function assertIdle(house: House): Promise<void> {
  let inFlight = await house.inFlight();
  for (let turn = 0; inFlight > 0 && turn < 100; turn++) inFlight = await house.inFlight();
  assert.equal(inFlight, 0);
}
