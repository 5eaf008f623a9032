/**
 * Raw client: a TCP connection to a server on loopback, that writes and reads what and when the test
 * says, well-formed or not.
 * @module
 */
import assert from "node:assert/strict";

const utf8 = new TextEncoder();

export class RawClient implements Disposable {
  readonly #socket: Deno.TcpConn;
  #seen = "";
  #hasEnded = false;

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** @param url `http://127.0.0.1:PORT` */
  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    return new RawClient(await Deno.connect({ hostname, port: Number(port) }));
  }

  /** All that was read so far. */
  get seen(): string {
    return this.#seen;
  }

  /** Writes as much as the server takes; what it no longer takes is lost. */
  async write(text: string): Promise<void> {
    const bytes = utf8.encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += await this.#socket.write(bytes.subarray(at));
    } catch {
      // The server has closed the connection: what it said can still be read.
    }
  }

  /** Reads up to `size` bytes. False: the server has closed the connection. */
  async read(size = 65_536): Promise<boolean> {
    const buffer = new Uint8Array(size);
    const count = await this.#socket.read(buffer).catch(() => null);
    if (count === null) this.#hasEnded = true;
    else this.#seen += new TextDecoder().decode(buffer.subarray(0, count));
    return !this.#hasEnded;
  }

  /** Reads on until what was seen matches. */
  async see(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#seen)) {
      if (!await this.read()) {
        assert.fail(`The connection ended after ${JSON.stringify(this.#seen)}`);
      }
    }
    return this.#seen;
  }

  /** Reads on until the server closes the connection. */
  async seeEnd(): Promise<string> {
    while (await this.read());
    return this.#seen;
  }

  leave(): void {
    try {
      this.#socket.close();
    } catch {
      // Closed already.
    }
  }

  [Symbol.dispose](): void {
    this.leave();
  }
}

/** A chat request as it goes over the wire. */
export function rawChat(body: Readonly<Record<string, unknown>>, headers = ""): string {
  const text = JSON.stringify(body);
  return chatHead(`content-length: ${utf8.encode(text).length}\r\n${headers}`) + text;
}

/** Its head alone; `headers` are whole lines. */
export function chatHead(headers: string): string {
  return "POST /v1/chat/completions HTTP/1.1\r\nhost: tutti\r\n" +
    `content-type: application/json\r\n${headers}\r\n`;
}
