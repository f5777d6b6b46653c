/** `SHA256SUMS`, as `sha256sum -c` and GitHub's attestations read it. */
import type { Manifest } from './manifest.ts';

/** One line for each local file that was written. */
export function sums({ artifacts }: Manifest): string {
  const lines = new Map<string, string>();
  for (const { digest, results } of artifacts) {
    for (const { status, path, sha256 = digest?.sha256 } of results) {
      if (status === 'written' && path !== undefined && sha256 !== undefined) lines.set(path, sumLine(sha256, path));
    }
  }
  return [...lines.values()].join('');
}

/** A name with a line break or a backslash is escaped, and the line marked, as coreutils do. */
export function sumLine(sha256: string, path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  // A file of that name; by itself it is standard input to `sha256sum -c`.
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped === '-' ? './-' : escaped}\n`;
}
