/** What has to be known before the configuration is loaded. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** `OTEL_SDK_DISABLED`: nothing but `true` turns everything off. */
export function isDisabled(): boolean {
  return /^true$/i.test(process.env.OTEL_SDK_DISABLED?.trim() ?? '');
}

/** `SPOOR_INSTRUMENTATIONS=all`: whether they are wanted. The configuration proper loads with the runtime; this one word is needed sooner. */
export function wantsAll(): boolean {
  const asked = process.env.SPOOR_INSTRUMENTATIONS?.trim().toLowerCase();
  if (asked) return asked === 'all';
  const file = resolve(process.env.SPOOR_CONFIG?.trim() || 'spoor.config.json');
  try {
    return existsSync(file) && /"instrumentations"\s*:\s*"all"/.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}
