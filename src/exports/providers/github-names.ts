/** What GitHub's artifact service calls things: ids out of the token, and names that it takes. */

/** Characters that GitHub refuses in the name of an artifact (those that NTFS does not have). */
// oxlint-disable-next-line no-control-regex
const REFUSED = /["<>|*?:\\/\u0000-\u001f\u007f]+/g;
const LONGEST = 200;

/**
 * `<stem>-<job>-<attempt><ending>`: names are for good within a run, so the job and the attempt are in it.
 * `more` tells jobs of the same name apart.
 */
export function artifactName(stem: string, ending: string, env: NodeJS.ProcessEnv, more?: string): string {
  const tail = [env.GITHUB_JOB, env.GITHUB_RUN_ATTEMPT, more].filter(Boolean).join('-');
  const safe = (text: string, longest: number): string => text.replace(REFUSED, '_').slice(0, longest);
  // Of a name that is too long the stem is cut: what tells jobs apart stays.
  const parts = [safe(stem, Math.max(0, LONGEST - tail.length - 1)), safe(tail, LONGEST)].filter((part) => part !== '');
  return `${parts.join('-')}${safe(ending, 20)}`;
}

export interface JobIds {
  readonly run: string;
  readonly job: string;
}

/**
 * The service's ids of run and job: in the token's claim `scp`, as `Actions.Results:<run>:<job>`.
 * @throws Error with `code: 'bad_token'`; the token is not in the message
 */
export function jobIds(env: NodeJS.ProcessEnv): JobIds {
  let scopes: unknown;
  try {
    const payload = JSON.parse(Buffer.from(env.ACTIONS_RUNTIME_TOKEN!.split('.')[1]!, 'base64url').toString('utf8')) as { scp?: unknown };
    scopes = payload.scp;
  } catch {
    // Said below.
  }
  for (const scope of typeof scopes === 'string' ? scopes.split(' ') : []) {
    const [name, run, job, ...more] = scope.split(':');
    if (name === 'Actions.Results' && run && job && more.length === 0) return { run, job };
  }
  throw Object.assign(new Error('ACTIONS_RUNTIME_TOKEN is not a token of GitHub Actions: it names no run and job'), { code: 'bad_token' });
}

/** Everything but github.com, *.ghe.com and *.localhost, as GitHub's own client tells. */
export function isEnterpriseServer(env: NodeJS.ProcessEnv): boolean {
  let host: string;
  try {
    host = new URL(env.GITHUB_SERVER_URL || 'https://github.com').hostname.toLowerCase();
  } catch {
    return false;
  }
  return !(host === 'github.com' || host.endsWith('.ghe.com') || host.endsWith('.localhost'));
}
