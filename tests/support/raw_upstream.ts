/**
 * Raw upstream: a TCP server on loopback that reads whole HTTP requests and answers with whatever
 * bytes the test writes, well-formed or not. It sees when the caller closes its connection.
 * @module
 */

export interface RawRequest {
  /** "POST /v1/chat/completions" */
  readonly line: string;
  readonly headers: Headers;
  readonly text: string;
  /** Parameters of the call; fails where the text is no JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What is done with a request; the connection is read on when it has been. */
export type RawScript = (
  connection: RawConnection,
  request: RawRequest,
  nth: number,
) => Promise<void> | void;

export class RawConnection {
  /** Resolves when the caller has closed the connection. */
  readonly left: Promise<void>;
  readonly #tcp: Deno.TcpConn;
  readonly #left = Promise.withResolvers<void>();
  #written = 0;
  #bytes = new Uint8Array(0);
  #more = Promise.withResolvers<void>();
  #ended = false;

  constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
    this.left = this.#left.promise;
    void this.#pump();
  }

  /** Bytes that the caller, or what lies between, has taken. */
  get written(): number {
    return this.#written;
  }

  /** Writes as much as the caller takes; what it no longer takes is lost. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    try {
      for (let at = 0; at < bytes.length;) {
        const count = await this.#tcp.write(bytes.subarray(at));
        at += count;
        this.#written += count;
      }
    } catch {
      // The caller has left.
    }
  }

  close(): void {
    try {
      this.#tcp.close();
    } catch {
      // Closed already.
    }
  }

  /** The next request, or none when the connection has ended. */
  async read(): Promise<RawRequest | undefined> {
    let end: number;
    while ((end = indexOfBlankLine(this.#bytes)) < 0) if (!await this.#readMore()) return;
    const [line = "", ...fields] = new TextDecoder().decode(this.#bytes.subarray(0, end))
      .split("\r\n");
    const headers = new Headers(
      fields.map((field): [string, string] => [
        field.slice(0, field.indexOf(":")),
        field.slice(field.indexOf(":") + 1).trim(),
      ]),
    );
    const from = end + 4;
    const until = from + Number(headers.get("content-length") ?? 0);
    while (this.#bytes.length < until) if (!await this.#readMore()) return;
    const text = new TextDecoder().decode(this.#bytes.subarray(from, until));
    this.#bytes = this.#bytes.slice(until);
    return {
      line: line.replace(/ HTTP\/1\.1$/, ""),
      headers,
      text,
      get body() {
        return JSON.parse(text);
      },
    };
  }

  async #readMore(): Promise<boolean> {
    if (!this.#ended) await this.#more.promise;
    return !this.#ended;
  }

  async #pump() {
    const chunk = new Uint8Array(64 * 1024);
    try {
      for (let count = await this.#tcp.read(chunk); count; count = await this.#tcp.read(chunk)) {
        const joined = new Uint8Array(this.#bytes.length + count);
        joined.set(this.#bytes);
        joined.set(chunk.subarray(0, count), this.#bytes.length);
        this.#bytes = joined;
        this.#more.resolve();
        this.#more = Promise.withResolvers();
      }
    } catch {
      // Reset by the caller, or closed by the test.
    }
    this.#ended = true;
    this.#more.resolve();
    this.#left.resolve();
    this.close();
  }
}

export class RawUpstream implements AsyncDisposable {
  readonly requests: RawRequest[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }) as Deno.TcpListener;
  readonly #connections = new Set<RawConnection>();
  readonly #serving: Promise<void>[] = [];
  /** What went wrong in a script; thrown when the upstream is disposed of. */
  readonly #faults: unknown[] = [];
  #accepted = 0;

  constructor(readonly script: RawScript) {
    this.#serving.push(this.#accept());
  }

  get host(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  get baseUrl(): string {
    return `http://${this.host}/v1`;
  }

  /** Connections that were made, also those that have ended. */
  get accepted(): number {
    return this.#accepted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#serving);
    if (this.#faults.length > 0) throw this.#faults[0];
  }

  async #accept() {
    try {
      for await (const tcp of this.#listener) {
        this.#accepted++;
        tcp.setNoDelay(true);
        const connection = new RawConnection(tcp);
        this.#connections.add(connection);
        this.#serving.push(this.#serve(connection));
      }
    } catch {
      // Closed while it listened.
    }
  }

  async #serve(connection: RawConnection) {
    try {
      for (
        let request = await connection.read();
        request;
        request = await connection.read()
      ) {
        this.requests.push(request);
        await this.script(connection, request, this.requests.length);
      }
    } catch (error) {
      this.#faults.push(error);
    }
    await connection.left;
    this.#connections.delete(connection);
  }
}

/** A whole HTTP answer, its body declared; an object is sent as JSON. */
export function http(
  body: unknown,
  { status = 200, headers = {} }: {
    status?: number;
    headers?: Readonly<Record<string, string>>;
  } = {},
): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const length = new TextEncoder().encode(text).length;
  return head({ "content-length": String(length), ...headers }, status) + text;
}

/** The head of an answer; its body is for the test to write. */
export function head(headers: Readonly<Record<string, string>>, status = 200): string {
  const fields = Object.entries({ "content-type": "application/json", ...headers });
  return `HTTP/1.1 ${status} Said\r\n${fields.map(([n, v]) => `${n}: ${v}\r\n`).join("")}\r\n`;
}

export const SSE_HEAD = head({
  "content-type": "text/event-stream",
  "transfer-encoding": "chunked",
});

/** One chunk of a chunked body. */
export function chunked(text: string | Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const size = encoder.encode(`${bytes.length.toString(16)}\r\n`);
  const whole = new Uint8Array(size.length + bytes.length + 2);
  whole.set(size);
  whole.set(bytes, size.length);
  whole.set(encoder.encode("\r\n"), size.length + bytes.length);
  return whole;
}

export const LAST_CHUNK = "0\r\n\r\n";

function indexOfBlankLine(bytes: Uint8Array): number {
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) {
      return at;
    }
  }
  return -1;
}
