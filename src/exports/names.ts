/** Names of artifacts: a relative path that stays below whatever root it is put. */

/**
 * The name without `.` and empty parts. `..` is refused, not resolved: a name is no place to compute with. A
 * backslash counts as a separator too, because it is one where somebody may unpack this.
 * @throws Error with code `bad_name` that says what is wrong with it
 */
export function safeName(name: unknown): string {
  if (typeof name !== 'string') throw badName(name, 'it must be a text');
  if (name.length > 2_048) throw badName(name, 'it is longer than 2,048 characters');
  if (name.includes('\0')) throw badName(name, 'it holds a NUL');
  // On disk all halves are the same character, so that one such name would be another's file.
  if (/\p{Surrogate}/u.test(name)) throw badName(name, 'it holds half of a character (a lone surrogate)');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if ([name, parts.join('/')].some((form) => /^[/\\]|^[A-Za-z]:[/\\]/.test(form))) throw badName(name, 'it is absolute; give it relative to the root of the destination');
  if (name.split(/[/\\]/).includes('..')) throw badName(name, 'it leads out of the root of the destination');
  if (parts.length === 0 || /[/\\]$|(^|[/\\])\.$/.test(name)) throw badName(name, 'it names a folder, not a file');
  return parts.join('/');
}

/** What two names have in common that some file system takes for the same: macOS and Windows know no case. */
export function collisionKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Names of which some may have become the same, by case too: the later of them get a number before their last part. */
export function toldApart(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((safe) => {
    const slash = safe.lastIndexOf('/') + 1;
    let name = safe;
    for (let i = 2; taken.has(collisionKey(name)); i++) name = `${safe.slice(0, slash)}${i}-${safe.slice(slash)}`;
    taken.add(collisionKey(name));
    return name;
  });
}

function badName(name: unknown, why: string): Error {
  return Object.assign(new Error(`${JSON.stringify(String(name).slice(0, 200))} cannot be an artifact's name: ${why}`), { code: 'bad_name' });
}
