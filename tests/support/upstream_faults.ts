/**
 * Upstream faults: everything that an upstream may do wrong on the wire, in a table: as a whole
 * answer, and in a stream, before its first words or after them.
 * @module
 */
import { gzipSync } from "node:zlib";
import type { FailureCode } from "../../src/protocol/failure.ts";
import {
  chunked,
  head,
  http,
  LAST_CHUNK,
  type RawConnection,
  type RawRequest,
  SSE_HEAD,
} from "./raw_upstream.ts";

export type Wrong = (connection: RawConnection, request: RawRequest) => Promise<void> | void;

export interface UpstreamFault {
  /** What the upstream does: "hangs before its headers". */
  readonly what: string;
  /** How a call fails by it; "answered": it does not, and what came is passed on as far as it can be read. */
  readonly code: FailureCode | "answered";
  readonly whole: Wrong;
  /** In answer to a call that streams, before any word. Default: as `whole`. */
  readonly streamed?: Wrong;
  /** Goes on wrongly after {@link FIRST_WORDS}. */
  readonly afterWords?: Wrong;
  /** When the answer is complete in HTTP's sense, so that its connection may be used again. */
  readonly mayStayOpen?: "always" | "before_words";
  /** Ends by a time limit. */
  readonly isSlow?: boolean;
}

export const FIRST_WORDS = "Zürich is";
/** What the upstreams that lie without end would send. */
export const ENDLESS_MB = 400;

const MB = 1024 * 1024;
const utf8 = new TextEncoder();

/** The event of a piece of an answer. */
function said(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
}

/** The head of a stream and its first event. */
export function firstWords(): Uint8Array {
  return new Uint8Array([...utf8.encode(SSE_HEAD), ...chunked(said(FIRST_WORDS))]);
}

/** Writes a piece over and over, until the caller leaves or has taken {@link ENDLESS_MB}. */
async function pour(connection: RawConnection, piece: Uint8Array): Promise<void> {
  let hasLeft = false;
  void connection.left.then(() => hasLeft = true);
  for (let sent = 0; !hasLeft && sent < ENDLESS_MB * MB; sent += piece.length) {
    await connection.write(piece);
  }
}

/** Writes a byte a second until the caller leaves. */
async function drip(connection: RawConnection, text: string): Promise<void> {
  for (const byte of text) {
    await connection.write(chunked(byte));
    const second = Promise.withResolvers<void>();
    const timer = setTimeout(second.resolve, 1_000);
    await Promise.race([second.promise, connection.left]);
    clearTimeout(timer);
  }
}

const CHUNKED = { "transfer-encoding": "chunked" };
const NOT_UTF8 = new Uint8Array([0xff, 0xc3, 0x28, 0xe2, 0x82]);

/** The text with bytes that are no UTF-8 in the place of "@". */
function withBrokenText(json: string): Uint8Array<ArrayBuffer> {
  const [before = "", after = ""] = json.split("@");
  return new Uint8Array([...utf8.encode(before), ...NOT_UTF8, ...utf8.encode(after)]);
}

const BROKEN_ANSWER = withBrokenText(
  '{"choices":[{"index":0,"message":{"role":"assistant","content":"Paris @"},"finish_reason":"stop"}]}',
);
const BROKEN_STREAM = withBrokenText(
  'data: {"choices":[{"index":0,"delta":{"content":" in @"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
);

/** An answer of 100 MB in some 100 KB: whoever unpacked it would find nothing wrong with it. */
function gzipBomb(): Uint8Array {
  const [before = "", after = ""] = JSON.stringify({
    choices: [{ index: 0, message: { role: "assistant", content: "@" }, finish_reason: "stop" }],
  }).split("@");
  const answer = new Uint8Array(100 * MB).fill(utf8.encode("x")[0]!);
  answer.set(utf8.encode(before));
  answer.set(utf8.encode(after), answer.length - after.length);
  return gzipSync(answer);
}
/** Made beforehand: what making it takes is no one's fault. */
const BOMB = gzipBomb();

function redirectTo(location: string): Wrong {
  return (connection) => connection.write(http("", { status: 307, headers: { location } }));
}

/** @param witness a URL that nobody may follow */
export function upstreamFaults(witness: string): readonly UpstreamFault[] {
  return [
    {
      what: "closes its connection",
      code: "connect",
      whole: async (connection) => {
        await connection.write(head({ "content-length": "1000" }) + '{"choices":[');
        connection.close();
      },
      streamed: (connection) => connection.close(),
      afterWords: (connection) => connection.close(),
    },
    {
      what: "ends early as if that were all",
      code: "malformed",
      mayStayOpen: "always",
      whole: (connection) => connection.write(http('{"choices":[{"message":{"content":"Zür')),
      streamed: (connection) => connection.write(SSE_HEAD + LAST_CHUNK),
      afterWords: (connection) => connection.write(LAST_CHUNK),
    },
    {
      what: "hangs before its headers",
      code: "timeout",
      isSlow: true,
      whole: ({ left }) => left,
    },
    {
      what: "hangs in mid-body",
      code: "timeout",
      isSlow: true,
      whole: async (connection) => {
        await connection.write(head({ "content-length": "1000" }) + '{"choices":[');
        await connection.left;
      },
      streamed: async (connection) => {
        await connection.write(SSE_HEAD);
        await connection.left;
      },
      afterWords: ({ left }) => left,
    },
    {
      what: "drips a byte a second",
      code: "timeout",
      isSlow: true,
      whole: async (connection) => {
        await connection.write(head(CHUNKED));
        await drip(connection, '{"choices":[');
      },
      streamed: async (connection) => {
        await connection.write(SSE_HEAD);
        await drip(connection, said("Paris"));
      },
      afterWords: (connection) => drip(connection, said("Paris")),
    },
    {
      what: `sends ${ENDLESS_MB} MB`,
      code: "too_large",
      whole: async (connection) => {
        await connection.write(head(CHUNKED));
        await connection.write(chunked('{"choices":[{"message":{"content":"'));
        await pour(connection, chunked("x".repeat(MB)));
      },
      streamed: async (connection) => {
        await connection.write(SSE_HEAD);
        await pour(connection, chunked(": nothing\n\n".repeat(MB / 11)));
      },
      afterWords: (connection) => pour(connection, chunked(said("x".repeat(MB / 4)))),
    },
    {
      what: "sends headers of 1 MB",
      code: "connect",
      whole: (connection) => connection.write(http("{}", { headers: { padding: "x".repeat(MB) } })),
    },
    {
      what: "sends malformed JSON",
      code: "malformed",
      mayStayOpen: "before_words",
      whole: (connection) => connection.write(http('{"choices": [{"message": {')),
      streamed: async (connection) => {
        await connection.write(SSE_HEAD);
        await connection.write(chunked('data: {"choices": [{"delta"\n\n'));
        await connection.left;
      },
      afterWords: async (connection) => {
        await connection.write(chunked('data: {"choices": [{"delta"\n\n'));
        await connection.left;
      },
    },
    {
      what: "sends invalid UTF-8",
      code: "answered",
      mayStayOpen: "before_words",
      whole: async (connection) => {
        await connection.write(head({ "content-length": String(BROKEN_ANSWER.length) }));
        await connection.write(BROKEN_ANSWER);
      },
      afterWords: async (connection) => {
        await connection.write(chunked(BROKEN_STREAM));
        await connection.write(LAST_CHUNK);
      },
    },
    {
      what: "sends malformed SSE",
      code: "malformed",
      mayStayOpen: "before_words",
      whole: (connection) => connection.write(http("event: ?\n\ndata nothing\n\u0000\n")),
      streamed: async (connection) => {
        await connection.write(SSE_HEAD);
        await connection.write(chunked("data\n:\n\u0000data: x\n\ndata: [1, 2]\n\n"));
        await connection.left;
      },
      afterWords: async (connection) => {
        await connection.write(chunked("data\n:\n\u0000data: x\n\ndata: [1, 2]\n\n"));
        await connection.left;
      },
    },
    {
      what: "sends an SSE line of 10 MB",
      code: "too_large",
      whole: async (connection) => {
        await connection.write(head({ "content-length": String(ENDLESS_MB * MB) }));
        await pour(connection, utf8.encode(`data: ${"x".repeat(10 * MB)}`));
      },
      streamed: async (connection) => {
        await connection.write(SSE_HEAD);
        await connection.write(chunked(`data: ${"x".repeat(10 * MB)}`));
        await connection.left;
      },
      afterWords: async (connection) => {
        await connection.write(chunked(`data: ${"x".repeat(10 * MB)}`));
        await connection.left;
      },
    },
    {
      what: "sends chunked garbage",
      code: "connect",
      whole: async (connection) => {
        await connection.write(head(CHUNKED));
        await connection.write("ZZZZ\r\nno chunk at all\r\n-1\r\n");
        await connection.left;
      },
      streamed: async (connection) => {
        await connection.write(SSE_HEAD);
        await connection.write("ZZZZ\r\nno chunk at all\r\n-1\r\n");
        await connection.left;
      },
      afterWords: async (connection) => {
        await connection.write("ZZZZ\r\nno chunk at all\r\n-1\r\n");
        await connection.left;
      },
    },
    {
      what: "redirects to a metadata address",
      code: "malformed",
      mayStayOpen: "before_words",
      whole: redirectTo("http://169.254.169.254/latest/meta-data/"),
    },
    {
      what: "redirects to another host",
      code: "malformed",
      mayStayOpen: "before_words",
      whole: redirectTo(witness),
    },
    {
      what: "sends a gzip bomb",
      code: "malformed",
      mayStayOpen: "before_words",
      whole: async (connection) => {
        const encoded = { "content-encoding": "gzip", "content-length": String(BOMB.length) };
        await connection.write(head(encoded));
        await connection.write(BOMB);
      },
    },
  ];
}
