// @ts-check
/**
 * An app that dispatches events to a listener of its own; `recording` adds a transcript that listens too.
 * Arguments: `plain` or `recording`, entries recorded before the first turn.
 */
import { EventEmitter } from 'node:events';
import { Transcript } from '../../dist/src/exports/transcript.js';
import { contestant } from '../harness/contestant.js';

const app = new EventEmitter();
let seen = 0;
app.on('prompt', (/** @type {{ promptId: string }} */ { promptId }) => {
  seen += promptId.length;
});
if (process.argv[2] === 'recording') {
  const transcript = new Transcript({ maxEntries: 10_000 });
  transcript.onChange(({ size }) => {
    seen += size;
  });
  transcript.listen(app, ['prompt']);
}

/** @param {number} count */
function dispatch(count) {
  for (let i = 0; i < count; i++) {
    app.emit('prompt', { promptId: `p${i & 1023}`, title: 'Which branch?', action: 'asked', narrative: 'the follow-up', metadata: { index: i, kind: 'choice' } });
  }
}

dispatch(Number(process.argv[3] ?? 0));
contestant(dispatch, () => ({ seen }));
