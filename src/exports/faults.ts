/** What is said of a failure: one word for the numbers, a sentence for a person, no secrets in either. */
import { removable, withoutSecrets } from '../known-secrets.ts';
import { messageOf } from '../log.ts';

const MAX_TEXT = 2_000;

/** The error's `code`, else its name: low in cardinality. */
export function errorCode(error: unknown): string {
  try {
    const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
    if (typeof code === 'string' && /^[\w.:-]{1,64}$/.test(code)) return code;
    return typeof name === 'string' && /^[\w.:-]{1,64}$/.test(name) ? name : 'Error';
  } catch {
    return 'Error';
  }
}

export function fault(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The error's message, bounded and without the values of this process's secret variables. */
export function errorText(error: unknown): string {
  return bounded(messageOf(error));
}

export function bounded(text: string, most = MAX_TEXT): string {
  const safe = withoutSecrets(text, secretsOf());
  return safe.length > most ? `${safe.slice(0, most - 1)}…` : safe;
}

/** Not PWD and OLDPWD, which are in every path, nor an author. */
const SECRET_NAME = /pass(word|wd|phrase)?$|(?<!^|^old)pwd$|secret|token|credential|(api|access|private)_?key|auth(?!or(?!i[sz]))|cookie|signature|dsn$|webhook/i;

/** The values of environment variables that are secret by their name. */
export function secretsOf(): string[] {
  const { env } = process;
  return removable(Object.keys(env).map((name) => (SECRET_NAME.test(name) ? env[name] : undefined)));
}
