/** Writes what is known of a sweep into its directory, after each step and at its end. */
import { join } from 'node:path';
import { renderJson } from '../json.ts';
import { writeWhole } from '../write.ts';
import type { Capacity } from './capacity.ts';
import { renderCapacityHtml } from './html.ts';

export const capacityFiles = { json: 'capacity.json', html: 'capacity.html' } as const;

export async function writeCapacity(directory: string, capacity: Capacity): Promise<void> {
  await writeWhole(join(directory, capacityFiles.json), renderJson(capacity));
  await writeWhole(join(directory, capacityFiles.html), renderCapacityHtml(capacity));
}
