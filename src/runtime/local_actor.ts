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
  /**
   * Called once, when `step` or `perform` throws; the actor takes no message after that. Without it
   * the error is thrown at whoever sent the message, where it may harm what else they do.
   */
  readonly onCrash?: (error: unknown) => void;
}

export class LocalActor<State, Message, Effect> {
  #state: State;
  #busy = false;
  #crashed = false;
  readonly #mailbox: Mailbox<Message>;

  constructor(readonly options: LocalActorOptions<State, Message, Effect>) {
    this.#state = options.state;
    this.#mailbox = new Mailbox(options.mailboxLimit ?? 1024);
  }

  get state(): State {
    return this.#state;
  }

  /** False when the mailbox is full, or the actor has crashed. */
  send(message: Message): boolean {
    if (this.#crashed || !this.#mailbox.offer(message)) return false;
    this.#drain();
    return true;
  }

  /** For `cancel` and `down`: overtakes what waits. */
  sendUrgent(message: Message): void {
    if (this.#crashed) return;
    this.#mailbox.offerUrgent(message);
    this.#drain();
  }

  #drain() {
    if (this.#busy) return;
    this.#busy = true;
    const { step, perform, onCrash } = this.options;
    try {
      for (
        let message = this.#mailbox.take();
        message !== undefined;
        message = this.#mailbox.take()
      ) {
        const [state, effects] = step(this.#state, message);
        this.#state = state;
        for (const effect of effects) perform(effect, state);
      }
      this.#busy = false;
    } catch (error) {
      // It stays busy: nothing is taken from the mailbox any more.
      this.#crashed = true;
      if (!onCrash) throw error;
      onCrash(error);
    }
  }
}
