/** The preload in NODE_OPTIONS: `--require`, which unlike `--import` changes nothing that a program sees. */

/** Quoted as Node reads NODE_OPTIONS, where it has to be: as JSON, it also keeps a backslash. */
function flag(file: string): string {
  return `--require ${/[\s"\\]/.test(file) ? JSON.stringify(file) : file}`;
}

function parts(options: string, file: string): string[] {
  return options.split(flag(file));
}

/** Whether the options have the preload already. */
export function preloading(options: string, file: string): boolean {
  return parts(options, file).some((part, index) => index > 0 && (part === '' || /^\s/.test(part)));
}

/** Appended: the app's own preloads, a `.pnp.cjs` for one, have to come first. */
export function withPreload(options: string, file: string): string {
  return options.trim() === '' ? flag(file) : `${options} ${flag(file)}`;
}

export function withoutPreload(options: string, file: string): string {
  return parts(options, file)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
}
