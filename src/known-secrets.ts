/** Secrets whose values are known, taken out of texts: others quote what they were given. */

export const REDACTED = '[REDACTED]';

/** A shorter value is in many texts by chance; replacing it would tell what it is. */
const SHORTEST = 6;

/** Those of the values that can be taken out, the longest first: one may be a part of another. */
export function removable(values: readonly (string | undefined)[]): string[] {
  return values.filter((value) => value !== undefined && value.length >= SHORTEST).sort((a, b) => b!.length - a!.length) as string[];
}

/** @param secrets what {@link removable} gave */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((safe, secret) => safe.replaceAll(secret, REDACTED), text);
}

/** Percent-decoded, as secrets in addresses and in lists of headers are written; as it is where that is not how. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
