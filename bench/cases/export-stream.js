// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

const FILE = 'a plain loop that reads and writes 256 KB at a time';
const STREAM = "a plain loop that writes the same stream's chunks";

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'export-large-file', subject: 'a file of 1 GB published to a folder, hashed, atomic', baseline: FILE, limit: 1.5, unit: 's' },
    { name: 'export-large-file-memory', subject: 'peak memory that it takes', baseline: FILE, compare: 'difference', limit: 32, unit: 'MB' },
    { name: 'export-stream', subject: 'a stream of 1 GB published to a folder, spooled, hashed, atomic', baseline: STREAM, limit: 1.5, unit: 's' },
    { name: 'export-stream-memory', subject: 'peak memory that it takes', baseline: STREAM, compare: 'difference', limit: 32, unit: 'MB' },
  ],
  async *measure({ quick, random }) {
    const path = contestantPath('export-stream.js');
    const bytes = String(quick ? 250_000_000 : 1_000_000_000);
    for (const how of ['file', 'stream']) {
      const found = [];
      // New processes each time: the peak is one of a process.
      for (let i = 0; i < (quick ? 5 : 12); i++) {
        const [pair] = await inTemporaryDirectory((ours) =>
          inTemporaryDirectory((theirs) => duel({ subject: { args: [path, how, ours, bytes] }, baseline: { args: [path, `plain-${how}`, theirs, bytes] }, count: 1, pairs: 1, random })),
        );
        if (pair) found.push(pair);
      }
      yield found.map(({ subject, baseline }) => ({ subject: subject.wall / 1e6, baseline: baseline.wall / 1e6 }));
      yield found.map(({ subject, baseline }) => ({ subject: subject.grown ?? NaN, baseline: baseline.grown ?? NaN }));
    }
  },
};
