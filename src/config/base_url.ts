/**
 * Base URL of a backend: what is wrong with one, and its normal form. No message repeats the URL,
 * because people paste keys into URLs.
 * @module
 */

/** Says what is wrong with a base URL, or `undefined` if it is good. */
export function baseUrlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'Must be a URL, e.g. "http://localhost:8000/v1"';
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return 'Must start with "http://" or "https://"';
  }
  if (url.username !== "" || url.password !== "") {
    return "Cannot hold credentials: put the key in an environment variable, named by api_key_env";
  }
  if (url.search !== "" || url.hash !== "") return 'Cannot have a query ("?") or fragment ("#")';
  if (/\/chat\/completions\/?$/.test(url.pathname)) {
    return 'Must end before "/chat/completions", which is appended to it';
  }
  return undefined;
}

/** The normal form of a good base URL: no trailing slash, no default port. */
export function normalBaseUrl(text: string): string {
  const url = new URL(text);
  return url.origin + url.pathname.replace(/\/+$/, "");
}
