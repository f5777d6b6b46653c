// @ts-check
/** Posts every file of a folder with curl, one after another. Arguments: folder, URL, and `one` for one curl for all. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder = '', url = '', how] = process.argv;
if (how === 'one') {
  const config = join(folder, '..', 'curl.config');
  const posts = readdirSync(folder).sort().map((name) => `url = "${url}"\nheader = "content-type: application/json"\ndata-binary = "@${join(folder, name)}"\nsilent\nfail\noutput = "/dev/null"\n`);
  writeFileSync(config, posts.join('next\n'));
  execFileSync('curl', ['-K', config]);
} else {
  const post = `curl --silent --fail --output /dev/null --header 'content-type: application/json' --data-binary "@$file" "$1"`;
  execFileSync('/bin/sh', ['-c', `for file in "$0"/*; do ${post} || exit 1; done`, folder, url]);
}
