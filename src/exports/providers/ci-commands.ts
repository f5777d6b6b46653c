/**
 * Commands to a CI's agent, which reads them from a job's standard output. That is the program's, not ours: only
 * the `spoor` command gives them a way out.
 */
let out: ((line: string) => void) | undefined;

/** Called by the CLI: from now on commands are written with `write`, one line each. */
export function allowCiCommands(write: (line: string) => void): void {
  out = write;
}

/** Undefined in a program that is not the CLI. */
export function ciCommands(): ((line: string) => void) | undefined {
  return out;
}

/** Azure Pipelines: `##vso[area.action key=value;…]data`, escaped as its own library does it (azure-pipelines-task-lib). */
export function azureCommand(name: string, properties: Readonly<Record<string, string>>, data: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${azureData(value).replaceAll(']', '%5D').replaceAll(';', '%3B')}`);
  return `##vso[${name}${list.length > 0 ? ` ${list.join(';')}` : ''}]${azureData(data)}`;
}

function azureData(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** GitHub Actions: `::name key=value,…::data`, escaped as `@actions/core` does it. */
export function githubCommand(name: string, properties: Readonly<Record<string, string>>, data: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${githubData(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`);
  return `::${name}${list.length > 0 ? ` ${list.join(',')}` : ''}::${githubData(data)}`;
}

function githubData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
