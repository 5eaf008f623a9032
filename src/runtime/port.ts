/**
 * Port: one end of a conversation between two actors, whatever carries it. Everything that passes
 * is structured-cloned, also between two actors of one thread, so what cannot be cloned fails in
 * every test.
 * @module
 */

export interface Port {
  post(message: unknown, transfer?: Transferable[]): void;
  /** Called once; messages that came before are delivered then. */
  listen(receive: (message: unknown) => void): void;
  close(): void;
}

/** A Port over one end of a MessageChannel. */
export function channelPort(port: MessagePort): Port {
  return {
    post: (message, transfer) => port.postMessage(message, transfer ?? []),
    listen: (receive) => {
      port.onmessage = (event) => receive(event.data);
    },
    close: () => port.close(),
  };
}

/** The part of a Web Worker's global scope that carries messages. */
export interface WorkerScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

/** A Port over the global scope of the Web Worker that this code runs in. */
export function scopePort(scope: WorkerScope): Port {
  return {
    post: (message, transfer) => scope.postMessage(message, transfer ?? []),
    listen: (receive) => {
      scope.onmessage = (event) => receive(event.data);
    },
    close: () => scope.close(),
  };
}
