/**
 * Faulty upstreams: every {@link UpstreamFault} behind an address of its own or as a model of one
 * server, as backends for a configuration; and what of each call was seen at that far end.
 * @module
 */
import { type RawConnection, RawUpstream } from "./raw_upstream.ts";
import { firstWords, type UpstreamFault, upstreamFaults } from "./upstream_faults.ts";

/** A fault as a test uses it: which model shows it, and what of its sockets. */
export interface FaultyModel extends Omit<UpstreamFault, "whole" | "streamed" | "afterWords"> {
  /** As a configuration writes it, `backend::model`. */
  readonly model: string;
  /** The same after the first words of a stream; absent where the fault is one of connecting. */
  readonly afterWords?: string | undefined;
}

/** Longest that a call of a slow fault may take. */
const LIMIT_MS = 250;
/** A panel's limit is its other members' too, whatever else this machine does. */
const PANEL_LIMIT_MS = 500;

export class FaultyUpstreams implements AsyncDisposable {
  readonly faults: readonly FaultyModel[];
  /** Where the redirects lead. */
  readonly witness = new RawUpstream(() => {});
  readonly #raw: RawUpstream;
  readonly #closed = closedAddress();
  readonly #resets = new Resetter(new Uint8Array());
  readonly #resetsLate = new Resetter(firstWords());
  readonly #calls = new Map<string, RawConnection[]>();
  readonly #left = new Set<RawConnection>();

  constructor() {
    const table = upstreamFaults(`${this.witness.baseUrl}/secrets`);
    this.#raw = new RawUpstream(async (connection, request) => {
      const model = String(request.body.model);
      const [, at, isAfterWords] = /^f(\d+)(-late)?$/.exec(model)!;
      const fault = table[Number(at)]!;
      this.#calls.set(model, [...this.#calls.get(model) ?? [], connection]);
      void connection.left.then(() => this.#left.add(connection));
      if (isAfterWords) {
        await connection.write(firstWords());
        return await fault.afterWords!(connection, request);
      }
      const isStreamed = request.body.stream === true;
      await (isStreamed && fault.streamed || fault.whole)(connection, request);
    });
    this.faults = [
      { what: "refuses connections", code: "connect", model: "closed::m" },
      { what: "has a name that does not resolve", code: "connect", model: "nowhere::m" },
      { what: "resets", code: "connect", model: "resets::m", afterWords: "resets_late::m" },
      ...table.map((fault, at): FaultyModel => ({
        ...fault,
        model: `${backendOf(fault)}::f${at}`,
        afterWords: fault.afterWords && `${backendOf(fault)}::f${at}-late`,
      })),
    ];
  }

  /** TOML. */
  get backends(): string {
    return Object.entries({
      closed: this.#closed,
      nowhere: "http://upstream.invalid/v1",
      resets: this.#resets.baseUrl,
      resets_late: this.#resetsLate.baseUrl,
      raw: this.#raw.baseUrl,
    }).map(([name, url]) => `[[backends]]\nname = "${name}"\nbase_url = "${url}"\n`).join("") +
      `[[backends]]\nname = "slow"\nbase_url = "${this.#raw.baseUrl}"\ntimeout_ms = ${LIMIT_MS}\n`;
  }

  /** A panel's time limit that fits the fault. */
  static timeoutMs({ isSlow = false }: Pick<FaultyModel, "isSlow">): number {
    return isSlow ? PANEL_LIMIT_MS : 20_000;
  }

  /** The sockets of a model's calls that came here, open or not. */
  callsOf(model: string): { readonly isOpen: boolean; readonly bytesTaken: number }[] {
    const connections = this.#calls.get(model.split("::")[1]!) ?? [];
    return connections.map((each) => ({
      isOpen: !this.#left.has(each),
      bytesTaken: each.written,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _all = new AsyncDisposableStack();
    _all.use(this.#raw);
    _all.use(this.witness);
    _all.use(this.#resets);
    _all.use(this.#resetsLate);
  }
}

function backendOf({ isSlow }: UpstreamFault): string {
  return isSlow ? "slow" : "raw";
}

/** The base URL of a port that was free a moment ago, and at which nobody listens. */
function closedAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}/v1`;
}

/** Closes with much of the request unread, which TCP answers with a reset (RFC 9293, 3.10.4). */
class Resetter implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }) as Deno.TcpListener;
  readonly #serving: Promise<void>;

  /** @param first what is written before that */
  constructor(readonly first: Uint8Array) {
    this.#serving = this.#serve();
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
  }

  async #serve() {
    try {
      for await (const tcp of this.#listener) {
        await tcp.read(new Uint8Array(16));
        if (this.first.length > 0) await tcp.write(this.first);
        tcp.close();
      }
    } catch {
      // Closed while it listened.
    }
  }
}
