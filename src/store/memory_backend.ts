/**
 * Memory backend: the limits of one process, where no store is configured. It keeps no ledger: what
 * was used is counted against the limits and forgotten.
 *
 * Also the reference for the other backends: the contract suite compares them with it.
 * @module
 */
import { type Account, emptyAccount, emptyPurse, held, limitState } from "./account.ts";
import { type Purse, type Rate, refusal, released, spent } from "./account.ts";
import type { Backend, StoreClock } from "./backend.ts";
import type { Reservation } from "./store.ts";

export function memoryBackend(clock: Pick<StoreClock, "now">): Backend {
  const rates = new Map<string, Rate>();
  /** By period and key; never pruned, as a year of a hundred keys is some megabytes. */
  const purses = new Map<string, Purse>();
  const open = new Set<string>();

  const accountOf = ({ key, day, month }: Reservation): Account => ({
    ...(rates.get(key) ?? emptyAccount),
    day: purses.get(`${day} ${key}`) ?? emptyPurse,
    month: purses.get(`${month} ${key}`) ?? emptyPurse,
  });
  const keep = ({ key, day, month }: Reservation, account: Account): void => {
    rates.set(key, account);
    purses.set(`${day} ${key}`, account.day);
    purses.set(`${month} ${key}`, account.month);
  };

  return {
    reserve(reservation) {
      const now = Math.floor(clock.now());
      const account = accountOf(reservation);
      const refused = refusal(account, reservation, now);
      if (refused !== undefined) return Promise.resolve(refused);
      const after = held(account, reservation, now);
      keep(reservation, after);
      open.add(reservation.id);
      const state = limitState(after, reservation.limits, now);
      return Promise.resolve({ type: "admitted", reservation, state });
    },
    settle(reservation, { total }) {
      if (open.delete(reservation.id)) {
        const options = { limits: reservation.limits, now: Math.floor(clock.now()) };
        keep(reservation, spent(released(accountOf(reservation), reservation), total, options));
      }
      return Promise.resolve();
    },
    release(reservation) {
      if (open.delete(reservation.id)) {
        keep(reservation, released(accountOf(reservation), reservation));
      }
      return Promise.resolve();
    },
    beat: () => Promise.resolve({ lost: 0 }),
    usage: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}
