// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

const ONE = { name: 'export-one-more', subject: 'one of 100 artifacts of 10 KB published to a folder, traced, hashed, atomic', baseline: 'writeFile and rename of the same bytes', limit: 1.5, unit: 'µs' };
const WHOLE = { name: 'export-publish', subject: 'a whole publish of one such artifact, with its manifest', baseline: 'writeFile and rename of the same bytes', limit: 2.5, unit: 'µs' };
const MANY = { name: 'export-many', subject: '1,000 artifacts published to three folders', baseline: 'writeFile of the same bytes, as many at a time', limit: 1.5, unit: 'ms' };
const EACH = { name: 'export-each', subject: 'each of these artifacts', baseline: 'nothing', compare: /** @type {const} */ ('difference'), limit: 10, unit: 'ms' };

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [ONE, WHOLE, MANY, EACH],
  async *measure({ quick, random }) {
    const path = contestantPath('exports.js');
    /** @param {string} baseline @param {number} artifacts @param {number} writers @param {number} count @param {number} pairs @param {number} warmUp */
    const against = (baseline, artifacts, writers, count, pairs, warmUp) =>
      inTemporaryDirectory((ours) =>
        inTemporaryDirectory((theirs) => {
          const args = [String(artifacts), String(writers)];
          return duel({ subject: { args: [path, 'publish', ours, ...args] }, baseline: { args: [path, baseline, theirs, ...args] }, count, warmUp, pairs: quick ? Math.ceil(pairs / 4) : pairs, random });
        }),
      );
    /** @param {{ subject: { wall: number }, baseline: { wall: number } }[]} found @param {number} by */
    const scaled = (found, by) => found.map(({ subject, baseline }) => ({ subject: subject.wall / by, baseline: baseline.wall / by }));

    yield scaled(await against('renamed', 100, 1, 2, 60, 30), 200);
    yield scaled(await against('renamed', 1, 1, 50, 60, 1_500), 50);
    const many = scaled(await against('written', 1000, 3, 1, 30, 5), 1e3);
    yield many;
    yield many.map(({ subject }) => ({ subject: subject / 1000, baseline: 0 }));
  },
};
