import assert from "node:assert/strict";
import {
  dayBefore,
  dayOf,
  monthOf,
  untilNextMonthMs,
  untilTomorrowMs,
} from "../../../src/store/budget_period.ts";

const lastMoment = Date.UTC(2027, 1, 28, 23, 59, 59, 999);

Deno.test("dayOf() and monthOf() change at UTC midnight", () => {
  assert.equal(dayOf(lastMoment), "2027-02-28");
  assert.equal(dayOf(lastMoment + 1), "2027-03-01");
  assert.equal(monthOf(dayOf(lastMoment)), "2027-02");
});

Deno.test("untilTomorrowMs() and untilNextMonthMs() end where the next period begins", () => {
  assert.equal(untilTomorrowMs(lastMoment), 1);
  assert.equal(untilTomorrowMs(lastMoment + 1), 86_400_000);
  assert.equal(untilNextMonthMs(lastMoment), 1);
  assert.equal(untilNextMonthMs(Date.UTC(2027, 11, 31)), 86_400_000);
});

Deno.test("dayBefore() counts back over the end of a month", () => {
  assert.equal(dayBefore(Date.UTC(2028, 2, 1), 1), "2028-02-29");
});
