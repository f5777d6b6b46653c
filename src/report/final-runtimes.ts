import { Merge } from '../rollup/merge.ts';
import { parseRequest } from '../rollup/request.ts';
import { eachLine, filesSince, type ReadOptions } from '../store/read.ts';

/** Ids of the runtimes that have written their last line. Lines that cannot be read are the report's to name. */
export function finalRuntimes(read: ReadOptions, since: number): { has(runtime: string): boolean } {
  const merge = new Merge({ keepResourceAttribute: () => false });
  for (const { path } of filesSince(read, 'rollups', since)) {
    eachLine(path, read, (buffer, from, to) => {
      const line = buffer.subarray(from, to);
      if (!line.includes('"spoor.final"') && !line.includes('"spoor.runtimes"')) return;
      try {
        merge.add(parseRequest(line.toString()));
      } catch {
        // Not a rollup line.
      }
    });
  }
  return { has: (runtime) => merge.runtimes.get(runtime)?.final === true };
}
