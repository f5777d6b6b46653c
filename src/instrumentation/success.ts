/** Which exit codes are an answer and not a failure: `grep` says 1 when nothing matched. */

const NO_MATCH = new Set([1]);
const ANSWERS: ReadonlyMap<string, ReadonlySet<number>> = new Map(
  // Searches that found nothing; comparisons that found a difference; tests that are false.
  ['grep', 'egrep', 'fgrep', 'zgrep', 'pgrep', 'rg', 'ag', 'ack', 'diff', 'diff3', 'sdiff', 'colordiff', 'zdiff', 'cmp', 'zcmp', 'test', '[', 'expr'].map((name) => [name, NO_MATCH]),
);

/** Default of `isSuccess`: exit code 0; 1 too for searches, comparisons and tests (`grep`, `rg`, `diff`, `cmp`, `test` …). */
export function isSuccess(executable: string, exitCode: number): boolean {
  return exitCode === 0 || ANSWERS.get(executable.toLowerCase().replace(/\.exe$/, ''))?.has(exitCode) === true;
}
