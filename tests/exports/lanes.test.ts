/** So many at a time, in order, each caller getting its turn. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lanes } from '../../src/exports/lanes.ts';

test('never more at a time than there are lanes, every action once, results in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -1, max: 5 }), fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }), async (width, counts) => {
      const lanes = new Lanes(width);
      let running = 0;
      let most = 0;
      const results = await Promise.all(
        counts.map((count) =>
          lanes.all(count, async (i) => {
            most = Math.max(most, ++running);
            for (let turns = (i * 7) % 3; turns >= 0; turns--) await undefined;
            running--;
            return i;
          }),
        ),
      );
      expect(results).toEqual(counts.map((count) => Array.from({ length: count }, (_, i) => i)));
      expect(most).toBe(Math.min(Math.max(width, 1), counts.reduce((all, count) => all + count, 0)));
    }),
  );
});

test('who comes second does not wait for all of the first; one that fails frees its lane', async () => {
  const lanes = new Lanes(1);
  const order: string[] = [];
  const many = (name: string, count: number): Promise<unknown> => lanes.all(count, async (i) => order.push(`${name}${i}`));
  const failing = lanes.all(1, async () => Promise.reject(new Error('x')));
  await Promise.all([many('a', 3), many('b', 2), expect(failing).rejects.toThrow('x')]);
  expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2']);
});
