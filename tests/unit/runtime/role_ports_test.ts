import assert from "node:assert/strict";
import type { Port } from "../../../src/runtime/port.ts";
import { rolePorts } from "../../../src/runtime/role_ports.ts";

/** Two ports of which each hears what the other posts, at once; and what they transferred. */
function pair() {
  const transferred: Transferable[][] = [];
  const closed: string[] = [];
  const receivers: Record<string, (message: unknown) => void> = {};
  const unsendables: Record<string, (message: unknown) => void> = {};
  const end = (name: string, other: string): Port => ({
    post: (message, transfer = []) => {
      transferred.push(transfer);
      try {
        receivers[other]!(structuredClone(message));
      } catch {
        unsendables[name]!(message);
      }
    },
    listen: (receive, unsendable) => {
      receivers[name] = receive;
      unsendables[name] = unsendable;
    },
    close: () => closed.push(name),
  });
  return {
    left: end("left", "right"),
    right: end("right", "left"),
    transferred,
    closed,
    receivers,
  };
}

function hear(port: Port): { heard: unknown[]; unsendable: unknown[] } {
  const heard: unknown[] = [];
  const unsendable: unknown[] = [];
  port.listen((message) => heard.push(message), (message) => unsendable.push(message));
  return { heard, unsendable };
}

Deno.test("rolePorts() carries a message to the end of the same role, with what is transferred", () => {
  const { left, right, transferred } = pair();
  const [leftOf, rightOf] = [rolePorts(left), rolePorts(right)];
  const judge = hear(rightOf("judge"));
  const member = hear(rightOf("member"));
  const buffer = new ArrayBuffer(1);
  leftOf("judge").post("a", [buffer]);
  leftOf("member").post("b");
  assert.deepEqual(judge.heard, ["a"]);
  assert.deepEqual(member.heard, ["b"]);
  assert.deepEqual(transferred, [[buffer], []]);
});

Deno.test("rolePorts() keeps what comes for a role until somebody listens, in order", () => {
  const { left, right } = pair();
  const [leftOf, rightOf] = [rolePorts(left), rolePorts(right)];
  leftOf("judge").post(1);
  leftOf("judge").post(2);
  assert.deepEqual(hear(rightOf("judge")).heard, [1, 2]);
});

Deno.test("rolePorts() tells a role, and no other, of its message that cannot be cloned", () => {
  const { left, right } = pair();
  const leftOf = rolePorts(left);
  rolePorts(right);
  const [judgePort, memberPort] = [leftOf("judge"), leftOf("member")];
  const judge = hear(judgePort);
  const member = hear(memberPort);
  const bad = () => {};
  judgePort.post(bad);
  assert.deepEqual(judge.unsendable, [bad]);
  assert.deepEqual(member.unsendable, []);
});

Deno.test("rolePorts() gives what is addressed to nobody to every role", () => {
  const { left, receivers } = pair();
  const leftOf = rolePorts(left);
  const all = [hear(leftOf("judge")), hear(leftOf("member"))];
  for (const garbage of ["x", null, ["judge"], [1, 2], { type: "exited" }]) {
    receivers.left!(garbage);
    for (const { heard } of all) assert.deepEqual(heard.pop(), garbage);
  }
});

Deno.test("rolePorts() closes the port they share when the last of them is closed, once", () => {
  const { left, closed } = pair();
  const leftOf = rolePorts(left);
  const [judge, member] = [leftOf("judge"), leftOf("member")];
  judge.close();
  judge.close();
  assert.deepEqual(closed, []);
  member.close();
  member.close();
  assert.deepEqual(closed, ["left"]);
});
