/** `spoor init` as a person uses it: in a project, again, over files of their own, with typos, and on a terminal. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { CLI, cleanEnvironment, type Result, run, temporaryDirectory } from '../support/program.ts';
import { CONFIG, configFiles, documents, text } from './files.ts';

const init = (cwd: string, ...args: string[]): Promise<Result> => run(process.execPath, [CLI, 'init', ...args], { cwd });

function written(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

test.each([['laptop'], ['host'], ['fleet']])('%s: writes files of the package that refer only to each other, and says what is next', async (scale) => {
  const project = temporaryDirectory();
  const { code, stdout, stderr } = await init(project, scale);
  expect([code, stderr]).toEqual([0, '']);
  const folder = join(project, 'collector-config');
  const files = written(folder);
  expect(stdout).toContain(`Wrote ${files.length} files to collector-config (${scale}: `);
  expect(stdout).toMatch(/\nNext:\n {2}\S/);
  expect(files.filter((path) => !configFiles().includes(path))).toEqual([]);
  for (const path of files) {
    const content = readFileSync(join(folder, path), 'utf8');
    if (/\.ya?ml$/.test(path)) documents(content);
    if (scale !== 'host' || path !== 'prometheus/prometheus.yml') expect([path, content === text(path)]).toEqual([path, true]);
    // In a container another user reads it.
    expect([path, statSync(join(folder, path)).mode & 0o044]).toEqual([path, 0o044]);
  }
  const mentioned = [...(existsSync(join(folder, 'compose.yaml')) ? text('compose.yaml').matchAll(/- \.\/([\w./-]+):/g) : []), ...(existsSync(join(folder, 'kustomization.yaml')) ? text('kustomization.yaml').matchAll(/[\w-]+\/[\w/.-]+\.\w+/g) : [])].map((match) => match[1] ?? match[0]);
  expect(mentioned.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  expect(mentioned.length > 0).toBe(scale !== 'host');
});

test('what is not of a scale is not written; on a host Prometheus finds the others on it', async () => {
  const project = temporaryDirectory();
  await init(project, 'laptop', '--to', 'a');
  await init(project, 'host', '--to', 'deploy/b');
  await init(project, 'fleet', '--to', 'c');
  expect(written(join(project, 'a'))).toContain('compose.yaml');
  expect(written(join(project, 'a')).filter((path) => /kubernetes|gateway|systemd/.test(path))).toEqual([]);
  const prometheus = readFileSync(join(project, 'deploy/b/prometheus/prometheus.yml'), 'utf8');
  expect(prometheus).toContain('targets: ["127.0.0.1:8888"]');
  expect(prometheus).not.toMatch(/collector:8888|alertmanager:9093/);
  // Whatever is in the package is of some scale.
  const all = new Set(['a', 'deploy/b', 'c'].flatMap((folder) => written(join(project, folder))));
  expect(configFiles().filter((path) => !all.has(path))).toEqual([]);
});

test('the commands that it says next are whole for a shell, whatever the folder is called', async () => {
  const { stdout } = await init(temporaryDirectory(), 'laptop', '--to', "it's ours/now");
  const [, folder] = /-f (.*)\/compose\.yaml up -d/.exec(stdout)!;
  expect(spawnSync('sh', ['-c', `printf '%s|' ${folder}`], { encoding: 'utf8' }).stdout).toBe("it's ours/now|");
});

describe('over what is there', () => {
  async function changed(): Promise<{ project: string; mine: string }> {
    const project = temporaryDirectory();
    await init(project, 'laptop');
    const mine = join(project, 'collector-config/alertmanager/alertmanager.yml');
    writeFileSync(mine, '# mine\n');
    return { project, mine };
  }

  it('again: nothing to do', async () => {
    const project = temporaryDirectory();
    await init(project, 'laptop');
    expect((await init(project, 'laptop')).stdout).toMatch(/^Nothing to do: collector-config has all \d+ files of laptop/);
  });

  it('a file that differs is named, and nothing at all is written', async () => {
    const { project, mine } = await changed();
    const { code, stderr } = await init(project, 'fleet');
    expect(code).toBe(1);
    expect(stderr).toBe(
      'spoor: init: 1 file there is different from what would be written:\n  collector-config/alertmanager/alertmanager.yml\n' +
        'Nothing was written. --force overwrites them, --to writes elsewhere, --dry-run shows what there is to do.\n',
    );
    expect(readFileSync(mine, 'utf8')).toBe('# mine\n');
    expect(existsSync(join(project, 'collector-config/gateway.yaml'))).toBe(false);
  });

  it('--dry-run says what --force would do, and writes nothing', async () => {
    const { project, mine } = await changed();
    const before = written(project);
    const dry = await init(project, 'fleet', '--dry-run', '--force');
    expect([dry.code, dry.stderr]).toEqual([0, '']);
    expect(dry.stdout).toContain('would overwrite  collector-config/alertmanager/alertmanager.yml\n');
    expect(dry.stdout).toContain('would write      collector-config/gateway.yaml\n');
    const kept = await init(project, 'fleet', '--dry-run');
    expect(kept.stdout).toContain('differs, kept    collector-config/alertmanager/alertmanager.yml\n');
    expect(kept.stdout).toMatch(/Nothing was written \(--dry-run\): \d+ new files, 1 that differs, /);
    expect([written(project), readFileSync(mine, 'utf8')]).toEqual([before, '# mine\n']);
  });

  it('--force overwrites what differs, and leaves no temporary file', async () => {
    const { project, mine } = await changed();
    expect((await init(project, 'laptop', '--force')).stdout).toContain('Wrote 1 file to collector-config');
    expect(readFileSync(mine, 'utf8')).toBe(text('alertmanager/alertmanager.yml'));
    expect(written(project).filter((path) => path.endsWith('.tmp'))).toEqual([]);
  });

  it('a link to a file of somebody is replaced, and not written through; one that leads nowhere counts as there', async () => {
    const project = temporaryDirectory();
    mkdirSync(join(project, 'collector-config'));
    writeFileSync(join(project, 'precious'), 'precious');
    symlinkSync('../precious', join(project, 'collector-config/agent.yaml'));
    symlinkSync('../nowhere', join(project, 'collector-config/compose.yaml'));
    expect((await init(project, 'laptop')).stderr).toContain('  collector-config/agent.yaml\n  collector-config/compose.yaml\n');
    expect((await init(project, 'laptop', '--force')).code).toBe(0);
    expect(readFileSync(join(project, 'precious'), 'utf8')).toBe('precious');
    expect(existsSync(join(project, 'nowhere'))).toBe(false);
    expect(readFileSync(join(project, 'collector-config/agent.yaml'), 'utf8')).toBe(text('agent.yaml'));
  });
});

describe('what cannot be', () => {
  test.each([
    [[], 'which scale? spoor init laptop, host or fleet'],
    [['lptop'], 'Allowed choices are laptop, host, fleet'],
    [['laptop', '--forse'], 'Did you mean --force?'],
    [['laptop', '--to', ' '], '--to must name a folder'],
    [['laptop', 'host'], 'too many arguments'],
  ])('%j exits 2 and says why', async (args, said) => {
    const project = temporaryDirectory();
    const { code, stderr } = await init(project, ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(written(project)).toEqual([]);
  });

  test.each([
    ['a file where a folder should be', 'file', 'a part of that path is a file'],
    ['a folder where a file should be', 'folder', 'there is a folder of that name'],
    ['a place where no folder can be made', '/proc/spoor', 'no folder can be made there'],
  ])('%s', async (_, to, said) => {
    const project = temporaryDirectory();
    writeFileSync(join(project, 'file'), '');
    mkdirSync(join(project, 'folder/agent.yaml'), { recursive: true });
    const { code, stderr } = await init(project, 'laptop', '--to', to);
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(stderr).toContain('Nothing was written.');
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written', async () => {
    const project = temporaryDirectory();
    mkdirSync(join(project, 'closed'));
    chmodSync(join(project, 'closed'), 0o500);
    expect(await init(project, 'laptop', '--to', 'closed')).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be written: this user may not') });
  });
});

describe.skipIf(process.platform !== 'linux' || spawnSync('script', ['--version']).error !== undefined)('on a terminal', () => {
  /** Answers each question with keys, when it is asked. */
  function answering(cwd: string, answers: readonly (readonly [string, string])[]): Promise<{ code: number | null; shown: string }> {
    const child = spawn('script', ['-qfec', `stty cols 100 rows 40; exec "${process.execPath}" "${CLI}" init`, '/dev/null'], { cwd, env: { ...cleanEnvironment(), TERM: 'xterm' }, stdio: 'pipe' });
    const left = [...answers];
    let shown = '';
    let unread = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      shown += part;
      unread += part;
      if (left.length === 0 || !unread.includes(left[0]![0])) return;
      unread = '';
      child.stdin.write(left.shift()![1]);
    });
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, shown })));
  }
  const DOWN = '\u001b[B';

  it('asks for the scale and the folder', async () => {
    const project = temporaryDirectory();
    const { code, shown } = await answering(project, [['How large?', `${DOWN}\r`], ['Into which folder?', 'ops\r']]);
    expect([code, shown]).toEqual([0, expect.stringContaining('(host: ')]);
    expect(written(join(project, 'ops'))).toContain('systemd/spoor-collector.service');
  });

  it('asks about what differs: it is kept, or overwritten', async () => {
    const project = temporaryDirectory();
    const mine = join(project, 'collector-config/agent.yaml');
    mkdirSync(join(project, 'collector-config'));
    writeFileSync(mine, '# mine\n');
    const kept = await answering(project, [['How large?', '\r'], ['Into which folder?', '\r'], ['What about them?', '\r']]);
    expect([kept.code, kept.shown, readFileSync(mine, 'utf8')]).toEqual([0, expect.stringContaining('kept 1 file'), '# mine\n']);
    expect(existsSync(join(project, 'collector-config/compose.yaml'))).toBe(true);
    await answering(project, [['How large?', '\r'], ['Into which folder?', '\r'], ['What about them?', `${DOWN}\r`]]);
    expect(readFileSync(mine, 'utf8')).toBe(readFileSync(join(CONFIG, 'agent.yaml'), 'utf8'));
  });

  it('Ctrl+C: nothing is written', async () => {
    const project = temporaryDirectory();
    const { code, shown } = await answering(project, [['How large?', '\u0003']]);
    expect([code, shown]).toEqual([130, expect.stringContaining('Nothing was written.')]);
    expect(written(project)).toEqual([]);
  });
});
