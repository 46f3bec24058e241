/**
 * MD5 (RFC 1321) of four texts at once, one in each lane of a vector register:
 * the judge expects a body for every row, a million of them, and one by one they
 * take a fifth of all its time. Neither Node nor JavaScript offers vectors, so the
 * sixty-four steps are put together as a WebAssembly function, from the RFC's
 * own tables; `md5-lanes.test.ts` holds it against Node's MD5.
 *
 * The four texts are of equally many blocks. Their words lie interleaved: word
 * `w` of lane `l` is word `4 w + l` of the memory.
 */

export const LANES = 4;
/** 32-bit words of a block. */
export const BLOCK_WORDS = 16;

export interface Md5Lanes {
  /** The blocks to digest, padded, interleaved. */
  readonly words: Int32Array;
  /** Digests the first so many blocks; the first word of each digest, by lane, little end first. */
  digest(blocks: number): Int32Array;
}

const VECTOR_BYTES = 16;
/** A, B, C and D stand in the memory's first bytes, the blocks behind them. */
const STATE_BYTES = 4 * VECTOR_BYTES;
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

/** The part that is used; the compiler knows WebAssembly only together with a browser. */
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly block: (at: number) => void } };
};

/** Compiled when it is first needed, once. */
let compiled: object | undefined;

export function createMd5Lanes(): Md5Lanes {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  compiled ??= new WebAssembly.Module(Uint8Array.from(moduleBytes()));
  const { block } = new WebAssembly.Instance(compiled, { js: { memory } }).exports;
  const state = new Int32Array(memory.buffer, 0, 4 * LANES);
  const initial = Int32Array.from(INITIAL.flatMap((word) => Array<number>(LANES).fill(word)));
  const firstWords = state.subarray(0, LANES);
  return {
    words: new Int32Array(memory.buffer, STATE_BYTES),
    digest(blocks) {
      state.set(initial);
      for (let each = 0; each < blocks; each++) {
        block(STATE_BYTES + each * BLOCK_WORDS * VECTOR_BYTES);
      }
      return firstWords;
    },
  };
}

/** Of the four rounds: how far each step in four turns, and which word of the block step `i` adds. */
const ROUNDS = [
  { turns: [7, 12, 17, 22], word: (i: number) => i },
  { turns: [5, 9, 14, 20], word: (i: number) => (5 * i + 1) % BLOCK_WORDS },
  { turns: [4, 11, 16, 23], word: (i: number) => (3 * i + 5) % BLOCK_WORDS },
  { turns: [6, 10, 15, 21], word: (i: number) => (7 * i) % BLOCK_WORDS },
] as const;

type Code = readonly number[];

/** The instructions that are used, as the WebAssembly specification encodes them. */
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const i32 = (value: number): Code => [0x41, value];
const load = (offset: number): Code => [0xfd, 0x00, 0x04, ...unsigned(offset)];
const store = (offset: number): Code => [0xfd, 0x0b, 0x04, ...unsigned(offset)];
const not: Code = [0xfd, 0x4d];
const or: Code = [0xfd, 0x50];
const xor: Code = [0xfd, 0x51];
/** Bits of the first where the third is set, of the second elsewhere. */
const select: Code = [0xfd, 0x52];
const shiftLeft: Code = [0xfd, 0xab, 0x01];
const shiftRight: Code = [0xfd, 0xad, 0x01];
const add: Code = [0xfd, 0xae, 0x01];
/** The same 32 bits in each lane. */
const all = (word: number): Code => [
  0xfd,
  0x0c,
  ...Array.from({ length: LANES }, () => bytesOf(word)).flat(),
];

const bytesOf = (word: number): Code => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff);

/** LEB128. */
const unsigned = (value: number): Code =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];

/** Local 0 is the place of the block; then A, B, C, D, and one to turn a value in. */
const [BLOCK, A, B, C, D, TURNED] = [0, 1, 2, 3, 4, 5] as const;
const STATE = [A, B, C, D];

/** `a = b + ((a + f(b, c, d) + sine + word) turned left)`. */
function stepOf(i: number): Code {
  const round = Math.floor(i / 16);
  const { turns, word } = ROUNDS[round] as (typeof ROUNDS)[number];
  const turn = turns[i % 4] as number;
  // With each step the four change their parts.
  const partOf = (place: number): Code => get(STATE[(place + 64 - i) % 4] as number);
  const [a, b, c, d] = [partOf(0), partOf(1), partOf(2), partOf(3)];
  const functions: readonly Code[] = [
    [...c, ...d, ...b, ...select],
    [...b, ...c, ...d, ...select],
    [...b, ...c, ...xor, ...d, ...xor],
    [...c, ...b, ...d, ...not, ...or, ...xor],
  ];
  const sine = Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32);
  const sum = [
    ...[...a, ...(functions[round] as Code), ...add],
    ...[...all(sine), ...add],
    ...[...get(BLOCK), ...load(word(i) * VECTOR_BYTES), ...add],
  ];
  const turned = [
    ...[...set(TURNED), ...get(TURNED), ...i32(turn), ...shiftLeft],
    ...[...get(TURNED), ...i32(32 - turn), ...shiftRight, ...or],
  ];
  return [...sum, ...turned, ...b, ...add, ...set(a[1] as number)];
}

const loadState = (place: number): Code => [...i32(0), ...load(place * VECTOR_BYTES)];

function blockFunction(): Code {
  const [begin, end] = [
    STATE.flatMap((local, place) => [...loadState(place), ...set(local)]),
    STATE.flatMap((local, place) => [
      ...[...i32(0), ...loadState(place), ...get(local), ...add],
      ...store(place * VECTOR_BYTES),
    ]),
  ];
  const steps = Array.from({ length: 64 }, (_, i) => stepOf(i)).flat();
  const locals = [1, STATE.length + 1, VECTOR];
  return sized([...locals, ...begin, ...steps, ...end, 0x0b]);
}

const VECTOR = 0x7b;
const sized = (content: Code): Code => [...unsigned(content.length), ...content];
const section = (id: number, content: Code): Code => [id, ...sized(content)];
const named = (name: string): Code => sized([...Buffer.from(name)]);

/** One function of one integer, on a memory of one page that is given to it. */
const moduleBytes = (): Code => [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [1, 0x60, 1, 0x7f, 0]),
  ...section(2, [1, ...named('js'), ...named('memory'), 0x02, 0x01, 1, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...named('block'), 0x00, 0]),
  ...section(10, [1, ...blockFunction()]),
];
