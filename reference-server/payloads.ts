/**
 * JSON that travels between servers, in payloads that NATS takes whatever the
 * bodies are: a body of full length may need 24 KB, and NATS takes 1 MB.
 */

/** A quarter of NATS' default limit, in characters (a character is up to 3 bytes). */
export const PAYLOAD_LENGTH_MAX = 256 * 1024;

/** Undefined for what is not JSON. */
export function parseJson(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** How many of these, from the first on, fit into one payload; one always does. */
export function fitting(parts: readonly string[]): number {
  let length = 0;
  const end = parts.findIndex((part, index) => {
    length += part.length + 1;
    return length > PAYLOAD_LENGTH_MAX && index > 0;
  });
  return end === -1 ? parts.length : end;
}

/** The elements of a list, as JSON, in as many lists as it takes. */
export function* encodeLists(elements: readonly string[]): Generator<string> {
  for (let from = 0; from < elements.length;) {
    const rest = elements.slice(from);
    const count = fitting(rest);
    yield `[${rest.slice(0, count).join()}]`;
    from += count;
  }
}
