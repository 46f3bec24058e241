/** Node runs the TypeScript source as it is; the `node` package brings the right one. */
import type { Check } from '../check.ts';
import { isAtLeast, parseVersion } from '../version.ts';

/** The version that `package.json` installs; it strips types and knows `await using`. */
const MAJOR_MIN = 24;

export const node: Check = {
  id: 'node',
  title: 'Node',
  needed: 'always',
  async probe() {
    const version = parseVersion(process.versions.node);
    const isNewEnough = version !== undefined && isAtLeast(version, MAJOR_MIN);
    return {
      kind: isNewEnough ? 'ok' : 'missing',
      found: `${process.versions.node} (${process.execPath})`,
      means: isNewEnough
        ? 'it runs the source as it is'
        : `older than ${MAJOR_MIN}: start through ./holdfast, which uses its own`,
      mend: isNewEnough ? [] : ['npm ci'],
    };
  },
};
