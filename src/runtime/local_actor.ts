/**
 * Local actor: the thin shell around a pure transition, in this thread. Messages are taken one at a
 * time; each gives a new state and effects, and the effects are performed before the next message
 * is taken. What an effect sends back to the actor waits its turn in the mailbox.
 * @module
 */
import { Mailbox } from "./mailbox.ts";

export interface LocalActorOptions<State, Message, Effect> {
  readonly state: State;
  /** Pure: no clock, no port, no fetch. */
  readonly step: (state: State, message: Message) => readonly [State, readonly Effect[]];
  readonly perform: (effect: Effect, state: State) => void;
  readonly mailboxLimit?: number;
}

export class LocalActor<State, Message, Effect> {
  #state: State;
  #busy = false;
  readonly #mailbox: Mailbox<Message>;

  constructor(readonly options: LocalActorOptions<State, Message, Effect>) {
    this.#state = options.state;
    this.#mailbox = new Mailbox(options.mailboxLimit ?? 1024);
  }

  get state(): State {
    return this.#state;
  }

  /** False when the mailbox is full. */
  send(message: Message): boolean {
    const taken = this.#mailbox.offer(message);
    this.#drain();
    return taken;
  }

  /** For `cancel` and `down`: overtakes what waits. */
  sendUrgent(message: Message): void {
    this.#mailbox.offerUrgent(message);
    this.#drain();
  }

  #drain() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (
        let message = this.#mailbox.take();
        message !== undefined;
        message = this.#mailbox.take()
      ) {
        const [state, effects] = this.options.step(this.#state, message);
        this.#state = state;
        for (const effect of effects) this.options.perform(effect, state);
      }
    } finally {
      this.#busy = false;
    }
  }
}
