/**
 * Port: one end of a conversation between two actors, whatever carries it. Everything that passes
 * is structured-cloned, also between two actors of one thread, so what cannot be cloned fails in
 * every test.
 * @module
 */
import { Bundle } from "./bundle.ts";

export interface Port {
  /** Never throws: what cannot be cloned is told to the listener. */
  post(message: unknown, transfer?: Transferable[]): void;
  /**
   * Called once; messages that came before are delivered then. `unsendable` is told each message
   * posted here that could not be cloned.
   */
  listen(receive: (message: unknown) => void, unsendable: (message: unknown) => void): void;
  close(): void;
}

/** A Port over one end of a MessageChannel. */
export function channelPort(port: MessagePort): Port {
  let unsendable = (_message: unknown) => {};
  return {
    post: (message, transfer) => {
      try {
        port.postMessage(message, transfer ?? []);
      } catch {
        unsendable(message);
      }
    },
    listen: (receive, told) => {
      unsendable = told;
      port.onmessage = (event) => receive(event.data);
    },
    close: () => port.close(),
  };
}

/** What carries messages between two threads: a Worker, or the global scope inside of one. */
export interface ThreadEnd {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** A Port to another thread; `close` ends this side's part in it. */
export function threadPort(end: ThreadEnd, close: () => void): Port {
  let unsendable = (_message: unknown) => {};
  const bundle = new Bundle(
    (messages, transfer) => end.postMessage(messages, transfer),
    (message) => unsendable(message),
  );
  return {
    post: (message, transfer) => bundle.add(message, transfer),
    listen: (receive, told) => {
      unsendable = told;
      end.onmessage = ({ data }) => {
        // What is no bundle is not of the protocol: let the receiver find so.
        if (!Array.isArray(data)) return receive(data);
        for (const message of data) receive(message);
      };
    },
    close: () => {
      bundle.flush();
      close();
    },
  };
}
