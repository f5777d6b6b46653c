/** What `spoor export verify` does. */
import { type Finding, type Verification, verify } from '../exports/verify.ts';
import { clean, counted } from '../report/words.ts';
import type { VerifyOptions } from './export.ts';
import { CliError, ciSafeJson, colors, print, shownPath } from './terminal.ts';

export async function verifyExport(folder: string, { root, json }: VerifyOptions): Promise<void> {
  let verification: Verification;
  try {
    verification = await verify(folder, root);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(`verify: ${code === 'ENOENT' ? `there is no manifest at ${clean(folder, 200)}` : message}`, 2);
  }
  if (json) {
    const { manifestPath, root: inside, problems, findings, ok } = verification;
    print(ciSafeJson({ manifest: manifestPath, root: inside, ok, problems, findings }));
  } else print(text(verification));
  if (!verification.ok) process.exitCode = 1;
}

const MARKS = { ok: 'ok', bad: 'BAD', not_checked: 'not checked' };

function text({ manifestPath, problems, findings, ok, manifest }: Verification): string {
  const color = colors(process.stdout);
  const mark = ({ verdict }: Finding): string => (verdict === 'bad' ? color.red(MARKS.bad) : MARKS[verdict]);
  const count = (verdict: Finding['verdict']): number => findings.filter((finding) => finding.verdict === verdict).length;
  const at = shownPath(manifestPath);
  return [
    ...findings.map((finding) => `${mark(finding)}  ${clean(finding.artifact, 200)}  ${clean(finding.where, 200)}${finding.reason === undefined ? '' : `: ${clean(finding.reason, 200)}`}`),
    ...problems.map((problem) => `${color.red('BAD')}  ${at}: ${clean(problem, 300)}`),
    manifest === undefined
      ? 'nothing was checked'
      : `${ok ? 'all that could be checked is as it was published' : color.red('not all is as it was published')}: ${counted(count('ok'), 'file')} ok, ${count('bad')} bad, ${count('not_checked')} not checked`,
    'This proves that files and manifest agree, not who made them.',
  ].join('\n');
}
