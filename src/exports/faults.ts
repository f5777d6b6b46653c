/** What is said of a failure: one word for the numbers, a sentence for a person, no secrets in either. */
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
  const safe = withoutSecrets(text);
  return safe.length > most ? `${safe.slice(0, most - 1)}…` : safe;
}

/** Not PWD and OLDPWD, which are in every path, nor an author. */
const SECRET_NAME = /pass(word|wd|phrase)?$|(?<!^|^old)pwd$|secret|token|credential|(api|access|private)_?key|auth(?!or(?!i[sz]))|cookie|signature|dsn$|webhook/i;

/** The values of environment variables that are secret by their name, the longest first: one may be a part of another. */
export function secretsOf(): string[] {
  const { env } = process;
  const secrets: string[] = [];
  for (const name in env) {
    const value = env[name];
    // A short value is in many texts by chance; replacing it would tell what it is.
    if (value !== undefined && value.length >= 6 && SECRET_NAME.test(name)) secrets.push(value);
  }
  return secrets.sort((a, b) => b.length - a.length);
}

/** A text with such values replaced. */
export function withoutSecrets(text: string, secrets: readonly string[] = secretsOf()): string {
  let safe = text;
  for (const secret of secrets) if (safe.includes(secret)) safe = safe.replaceAll(secret, '[REDACTED]');
  return safe;
}
