/**
 * Scripted host: an actor of which only the messages exist. The test says what it says, sees what it
 * was told, and lets it die in whichever way.
 * @module
 */
import type { FromActor, ToActor } from "../../src/protocol/lifecycle.ts";
import type { Host } from "../../src/runtime/actor_ref.ts";
import type { Port } from "../../src/runtime/port.ts";

export class ScriptedHost implements Host {
  /** What the actor was told, in order. */
  readonly told: ToActor[] = [];
  killed = false;
  readonly port: Port = {
    post: (message) => void this.told.push(structuredClone(message) as ToActor),
    listen: (receive) => {
      this.#receive = receive;
    },
    close: () => {},
  };
  #receive: (message: unknown) => void = () => {};
  #report: () => void = () => {};

  constructor(readonly role: string) {}

  onCrash(report: () => void): void {
    this.#report = report;
  }

  leave(): void {
    this.killed = true;
  }

  kill(): void {
    this.killed = true;
  }

  /** The actor says something; a dead one can, too: what it posted last may still be under way. */
  say(message: FromActor): void {
    this.#receive(message);
  }

  becomeReady(): void {
    this.say({ type: "listening" });
    this.say({ type: "ready", role: this.role });
  }

  answer(ask: string, payload: unknown = null): void {
    this.say({ type: "answered", ask, payload });
  }

  crash(): void {
    this.#report();
  }

  /** Names of the asks it was given, in order. */
  get asks(): string[] {
    return this.told.flatMap((message) => message.type === "ask" ? [message.ask] : []);
  }

  /** Whether it was told a message of this type. */
  was(type: ToActor["type"]): boolean {
    return this.told.some((message) => message.type === type);
  }
}
