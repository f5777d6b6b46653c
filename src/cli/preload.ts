/** NODE_OPTIONS for a command, so that every Node process below it preloads `spoor/register`. */

/**
 * The user's own flags, then ours, once. `--require`, since `--import` changes what descendants do (the order of
 * microtasks, `node script` without an extension, Node before 18.18). Node reads a quoted value as JSON has it.
 */
export function withPreload(nodeOptions: string | undefined, register: string): string {
  const path = /["\s\\]/.test(register) ? JSON.stringify(register) : register;
  const flag = `--require ${path}`;
  if (nodeOptions === undefined || nodeOptions.trim() === '') return flag;
  return nodeOptions.includes(flag) ? nodeOptions : `${nodeOptions} ${flag}`;
}
