/**
 * Role ports: one port shared by the actors of several roles. What is posted on one of its ends comes
 * out at the end of the same role on the other side.
 * @module
 */
import type { Port } from "./port.ts";

/** A message and the role that it is from and for. */
type Addressed = readonly [role: string, message: unknown];

interface End {
  receive?: (message: unknown) => void;
  unsendable?: (message: unknown) => void;
  /** What came before somebody listened. */
  readonly early: unknown[];
}

/** Gives each role its own end of `port`, which is closed when every end that was given is. */
export function rolePorts(port: Port): (role: string) => Port {
  const ends = new Map<string, End>();
  const open = new Set<string>();

  function endOf(role: string): End {
    const end = ends.get(role) ?? { early: [] };
    ends.set(role, end);
    return end;
  }

  function deliver(end: End, message: unknown) {
    if (end.receive) end.receive(message);
    else end.early.push(message);
  }

  port.listen(
    (data) => {
      if (isAddressed(data)) return deliver(endOf(data[0]), data[1]);
      // What is addressed to nobody is not of the protocol: let every receiver find so.
      for (const end of ends.values()) deliver(end, data);
    },
    (data) => {
      const [role, message] = data as Addressed;
      endOf(role).unsendable?.(message);
    },
  );

  return (role) => {
    open.add(role);
    return {
      post: (message, transfer) => port.post([role, message] satisfies Addressed, transfer),
      listen: (receive, unsendable) => {
        const end = endOf(role);
        Object.assign(end, { receive, unsendable });
        for (const message of end.early.splice(0)) receive(message);
      },
      close: () => {
        if (open.delete(role) && open.size === 0) port.close();
      },
    };
  };
}

function isAddressed(data: unknown): data is Addressed {
  return Array.isArray(data) && data.length === 2 && typeof data[0] === "string";
}
