/**
 * The little of etcd that we use, through its JSON gateway: no client library,
 * no connection to look after. Every request is tried at each endpoint in
 * turn, the last that answered first, each with the same short time limit; so
 * the loss of one etcd server costs one time limit, once.
 *
 * Numbers of 64 bits travel as text and stay text. Reads are linearizable: an
 * endpoint that is cut off from the majority does not answer with old values.
 */
import { z } from 'zod';
import { askHttp } from './ask-http.ts';

const decode = z.base64().transform((text) => Buffer.from(text, 'base64').toString('utf8'));
const keyValueSchema = z.object({
  key: decode,
  value: decode.default(''),
  mod_revision: z.string(),
});
const rangeSchema = z.object({ kvs: z.array(keyValueSchema).default([]) });
const transactionSchema = z.object({
  succeeded: z.boolean().default(false),
  responses: z.array(z.object({ response_range: rangeSchema.optional() })).default([]),
});
const leaseSchema = z.object({ ID: z.string() });

export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly modRevision: string;
}

export type Change =
  | { readonly kind: 'delete'; readonly key: string }
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: string;
      /** The key vanishes with it. */
      readonly lease: string;
    };

export interface EtcdClient {
  /** All keys that begin with any of the prefixes, from one revision; in the prefixes' order. */
  readPrefixes(prefixes: readonly string[]): Promise<readonly (readonly KeyValue[])[]>;
  /** A lease that nobody renews: what is put under it vanishes after `ttlSec`. */
  grantLease(ttlSec: number): Promise<string>;
  /** Puts a key that vanishes after `ttlSec`. */
  putWithLease(key: string, value: string, ttlSec: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Deletes and puts, all or none, only if `guardKey` was not changed since `modRevision`. */
  changeIfUnchanged(
    guardKey: string,
    modRevision: string,
    changes: readonly Change[],
  ): Promise<boolean>;
}

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** The first key after all that begin with the prefix. */
const prefixEnd = (prefix: string): string => {
  const bytes = Buffer.from(prefix, 'utf8');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes.toString('base64');
};

export const createEtcdClient = (endpoints: readonly string[], timeoutMs: number): EtcdClient => {
  let preferred = 0;

  const post = async <T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> => {
    const failures: unknown[] = [];
    for (let attempt = 0; attempt < endpoints.length; attempt += 1) {
      const index = (preferred + attempt) % endpoints.length;
      const endpoint = endpoints[index] ?? '';
      try {
        const { status, text } = await askHttp(`${endpoint}${path}`, {
          method: 'POST',
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (status !== 200) throw new Error(`${endpoint}${path} answered ${status}: ${text}`);
        const answer = schema.parse(JSON.parse(text));
        preferred = index;
        return answer;
      } catch (error) {
        failures.push(error);
      }
    }
    throw new AggregateError(
      failures,
      `No etcd endpoint answered ${path} within ${timeoutMs} ms each: ${endpoints.join(', ')}. Last: ${String(failures.at(-1))}`,
    );
  };

  const grantLease = async (ttlSec: number): Promise<string> => {
    const { ID: lease } = await post('/v3/lease/grant', { TTL: String(ttlSec) }, leaseSchema);
    return lease;
  };

  return {
    grantLease,
    readPrefixes: async (prefixes) => {
      const { responses } = await post(
        '/v3/kv/txn',
        {
          success: prefixes.map((prefix) => ({
            request_range: { key: encode(prefix), range_end: prefixEnd(prefix) },
          })),
        },
        transactionSchema,
      );
      return responses.map(({ response_range: range }) =>
        (range?.kvs ?? []).map(({ key, value, mod_revision: modRevision }) => ({
          key,
          value,
          modRevision,
        })),
      );
    },
    putWithLease: async (key, value, ttlSec) => {
      const lease = await grantLease(ttlSec);
      await post('/v3/kv/put', { key: encode(key), value: encode(value), lease }, z.unknown());
    },
    delete: async (key) => {
      await post('/v3/kv/deleterange', { key: encode(key) }, z.unknown());
    },
    changeIfUnchanged: async (guardKey, modRevision, changes) => {
      const { succeeded } = await post(
        '/v3/kv/txn',
        {
          compare: [
            { target: 'MOD', result: 'EQUAL', key: encode(guardKey), mod_revision: modRevision },
          ],
          success: changes.map((change) =>
            change.kind === 'delete'
              ? { request_delete_range: { key: encode(change.key) } }
              : {
                  request_put: {
                    key: encode(change.key),
                    value: encode(change.value),
                    lease: change.lease,
                  },
                },
          ),
        },
        transactionSchema,
      );
      return succeeded;
    },
  };
};
