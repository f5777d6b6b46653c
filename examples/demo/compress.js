/** Run as a child of a child: compresses the files whose paths it is sent, and answers with the sizes. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

process.once('message', (paths) => {
  const sizes = { before: 0, after: 0 };
  for (const path of paths) {
    const content = readFileSync(path);
    sizes.before += content.length;
    sizes.after += gzipSync(content, { level: 9 }).length;
  }
  process.send(sizes, () => process.disconnect());
});
