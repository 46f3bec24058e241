/**
 * Turns many single look-ups into few queries: what is asked for within a
 * short window is loaded together. When thousands of users log in at once,
 * their look-ups cost one query each few milliseconds instead of one a user.
 */
export interface BatchLoaderOptions<Key, Value> {
  readonly windowMs: number;
  readonly sizeMax: number;
  /** Values in the order of the keys. */
  load(keys: readonly Key[]): Promise<readonly Value[]>;
}

interface Waiting<Key, Value> {
  readonly key: Key;
  resolve(value: Value): void;
  reject(reason: unknown): void;
}

export function createBatchLoader<Key, Value>(
  options: BatchLoaderOptions<Key, Value>,
): (key: Key) => Promise<Value> {
  let waiting: Waiting<Key, Value>[] = [];
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    options.load(batch.map((one) => one.key)).then(
      (values) => {
        if (values.length === batch.length) {
          batch.forEach((one, index) => one.resolve(values[index] as Value));
        } else {
          const error = new Error(`asked for ${batch.length} values, got ${values.length}`);
          batch.forEach((one) => one.reject(error));
        }
      },
      (error: unknown) => batch.forEach((one) => one.reject(error)),
    );
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (waiting.length >= options.sizeMax) flush();
      else timer ??= setTimeout(flush, options.windowMs);
    });
}
