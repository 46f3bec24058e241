import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placesAscending, valuesAscending } from './ascending.ts';

test('gives the places of all values that are not negative, smallest first, equal ones as they stand', () => {
  const value = fc.oneof(fc.nat(3), fc.nat(), fc.constantFrom(-1, 0xffff, 0x1_0000, 0x7fff_ffff));
  fc.assert(
    fc.property(fc.array(value), (list) => {
      const expected = list
        .map((each, place) => ({ each, place }))
        .filter(({ each }) => each >= 0)
        .sort((left, right) => left.each - right.each || left.place - right.place)
        .map(({ place }) => place);
      expect([...placesAscending(Int32Array.from(list))]).toEqual(expected);
    }),
  );
});

test('gives the values themselves in order, without those that are negative', () => {
  const value = fc.oneof(fc.nat(3), fc.nat(), fc.constantFrom(-1, 0xffff, 0x1_0000, 0x7fff_ffff));
  fc.assert(
    fc.property(fc.array(value), (list) => {
      const expected = list.filter((each) => each >= 0).sort((left, right) => left - right);
      expect([...valuesAscending(Int32Array.from(list))]).toEqual(expected);
    }),
  );
});
