/**
 * Process usage: what another process has used of the machine, as Linux tells it in /proc. Read by
 * `cat`: Deno lets a script open /proc only with every permission.
 * Source: proc_pid_stat(5), proc_pid_status(5).
 * @module
 */

export interface ProcessUsage {
  /** Processor time of all its threads, user and system, in milliseconds. */
  readonly cpuMs: number;
  /** Resident memory, in bytes. */
  readonly residentBytes: number;
}

/** Clock ticks are 10 ms on every Linux that Deno runs on. */
const TICK_MS = 10;

/** Undefined where there is no /proc. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const { stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/stat`, `/proc/${pid}/status`],
  }).output();
  const text = new TextDecoder().decode(stdout);
  // The second field is a name that may hold anything; those after it are numbers.
  const fields = text.slice(text.indexOf(") ") + 2).split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const residentKb = Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]);
  return { cpuMs: (user + system) * TICK_MS, residentBytes: residentKb * 1_024 };
}
