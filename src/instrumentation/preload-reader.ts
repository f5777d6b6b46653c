/** Whether a child could read the package: a Node that may not read what it is to preload does not start. */
import { dirname, sep } from 'node:path';

/** What it is started with. */
export interface Child {
  readonly uid?: unknown;
  readonly gid?: unknown;
  readonly args?: unknown;
}

/** In arguments, in a shell's command line or in NODE_OPTIONS. */
const PERMISSION_MODEL = /(?:^|[\s"'])--(?:experimental[-_])?permission(?=$|[\s"'])/;
const ALLOWED = /--allow[-_]fs[-_]read(?:=|\s+)["']?([^\s"']+)/g;

/** @param options its NODE_OPTIONS */
export function canRead(file: string, { uid, gid, args }: Child, options: string): boolean {
  // Another user may not write to our directory either.
  if ((uid != null && uid !== process.geteuid?.()) || (gid != null && gid !== process.getegid?.())) return false;
  const given = Array.isArray(args) ? (args as unknown[]) : [];
  if (!mentionsPermission(options) && !given.some(mentionsPermission)) return true;
  const text = [options, ...given].join(' ');
  return !PERMISSION_MODEL.test(text) || isAllowed(`${dirname(file)}${sep}`, text);
}

/** The cheap question, of every spawn. */
const mentionsPermission = (text: unknown): boolean => typeof text === 'string' && text.includes('permission');

function isAllowed(folder: string, text: string): boolean {
  return [...text.matchAll(ALLOWED)].some(([, places]) => places!.split(',').some((place) => folder.startsWith(place.replace(/\*$/, ''))));
}
