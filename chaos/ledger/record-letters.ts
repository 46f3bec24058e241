/** The records of a client ledger (`scenarios/client-ledger.ts`) by the byte of their letter. */

/** A record's letter → how many integers follow. */
const FIELDS_OF = { C: 4, X: 3, S: 6, A: 4, E: 4, G: 5, H: 7, Q: 4, R: 7, V: 4, L: 3, D: 4, F: 4 };
/** The same by the letter's byte; 0: it is none. */
export const FIELDS = new Uint8Array(256);
for (const [letter, fields] of Object.entries(FIELDS_OF)) {
  FIELDS[letter.charCodeAt(0)] = fields;
}

export const [
  SENT,
  ACKNOWLEDGED,
  CONNECTED,
  CLOSED,
  RECEIVED,
  GAP,
  HISTORY,
  READER_DONE,
  LOOP_LAG,
  DELIVERY_TIMES,
  FINISHED,
  ERROR,
  HEARD,
] = [...'SACXRGHQLDFEV'].map((letter) => letter.charCodeAt(0));
