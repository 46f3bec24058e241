/**
 * Reads what a client sent: text into a frame of the protocol, or the error to
 * answer. The only place where a client's bytes are trusted to have a shape.
 */
import { BODY_LENGTH_MAX, KEY_LENGTH_MAX, type ClientFrame, type ErrorCode } from './protocol.ts';

export interface FrameError {
  readonly kind: 'error';
  readonly code: ErrorCode;
  readonly key: string;
  readonly detail: string;
}
export type ParsedFrame = { readonly kind: 'frame'; readonly frame: ClientFrame } | FrameError;

/** Largest page of history. 200 bodies of full length are about 2.4 MB at worst. */
export const HISTORY_LIMIT_MAX = 200;

const bad = (detail: string, key = ''): FrameError => ({
  kind: 'error',
  code: 'bad-frame',
  key,
  detail,
});

/** A channel or user number: PostgreSQL's integer. */
const isId = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0x7fff_ffff;
const isSequence = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

function parseJoin(fields: readonly unknown[]): ParsedFrame {
  const list: unknown = fields[1];
  if (fields.length !== 2 || !Array.isArray(list)) return bad('join needs one list');
  const places: (readonly [number, number])[] = [];
  for (const place of list as readonly unknown[]) {
    if (!Array.isArray(place) || place.length !== 2) return bad('join needs [channel, after]');
    const [channel, after] = place as readonly unknown[];
    if (!isId(channel) || !isSequence(after)) return bad('join needs [channel, after]');
    places.push([channel, after]);
  }
  return { kind: 'frame', frame: ['join', places] };
}

function parseSend(fields: readonly unknown[]): ParsedFrame {
  const [, key, channel, body] = fields;
  if (typeof key !== 'string' || key === '') return bad('send needs a key');
  if (key.length > KEY_LENGTH_MAX) return bad(`a key has at most ${KEY_LENGTH_MAX} characters`);
  if (fields.length !== 4 || !isId(channel) || typeof body !== 'string') {
    return bad('send needs key, channel, body', key);
  }
  if (body.length > BODY_LENGTH_MAX) {
    const detail = `${body.length} characters, at most ${BODY_LENGTH_MAX}`;
    return { kind: 'error', code: 'too-long', key, detail };
  }
  // PostgreSQL's text holds neither; refused here, before it takes part in a batch.
  if (key.includes('\0') || body.includes('\0')) return bad('U+0000 is not text', key);
  if (!key.isWellFormed() || !body.isWellFormed()) return bad('a lone surrogate is not text', key);
  return { kind: 'frame', frame: ['send', key, channel, body] };
}

function parseHistory(fields: readonly unknown[]): ParsedFrame {
  const [, request, channel, before, limit] = fields;
  if (
    fields.length !== 5 ||
    !isSequence(request) ||
    !isId(channel) ||
    !isSequence(before) ||
    !isSequence(limit)
  ) {
    return bad('history needs request, channel, before, limit');
  }
  if (limit < 1 || limit > HISTORY_LIMIT_MAX) {
    return bad(`a page of history has 1 to ${HISTORY_LIMIT_MAX} messages, not ${limit}`);
  }
  return { kind: 'frame', frame: ['history', request, channel, before, limit] };
}

export function parseClientFrame(text: string): ParsedFrame {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return bad('not JSON');
  }
  if (!Array.isArray(fields)) return bad('not an array');
  switch (fields[0]) {
    case 'join':
      return parseJoin(fields);
    case 'send':
      return parseSend(fields);
    case 'history':
      return parseHistory(fields);
    default:
      return bad('unknown frame');
  }
}
