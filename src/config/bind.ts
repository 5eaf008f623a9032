/**
 * Bind: the address to listen on, from its written form. Also reads `--bind`.
 * @module
 */
import { isIPv4, isIPv6 } from "node:net";

export interface BindAddress {
  readonly hostname: string;
  readonly port: number;
}

const WRITTEN = /^(?:\[([0-9A-Fa-f:.%]+)\]|([A-Za-z0-9._-]*)):(\d{1,5})$/;

/**
 * Reads `host:port`, `[::1]:8080` or `:8080` (every IPv4 interface). Port 0 lets the system choose.
 * Gives `undefined` for anything else.
 */
export function parseBind(text: string): BindAddress | undefined {
  const match = WRITTEN.exec(text);
  if (match === null) return undefined;
  const [, ipv6, host, digits] = match;
  const port = Number(digits);
  if (port > 65_535) return undefined;
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { hostname: ipv6, port } : undefined;
  if (host === undefined || host === "") return { hostname: "0.0.0.0", port };
  // Only digits and dots: an address, so not "127.0.0.1.5" or "999.0.0.1".
  if (/^[\d.]+$/.test(host) && !isIPv4(host)) return undefined;
  return { hostname: host, port };
}
