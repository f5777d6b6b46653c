/** Secrets in arguments, environment and error messages reach no file. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { scrubText } from '../../src/scrub.ts';
import { commandName, executableName } from '../../src/instrumentation/executable.ts';
import { scrubArguments, scrubCommand } from '../../src/instrumentation/scrub-arguments.ts';
import { runRegistered, spans, temporaryDirectory } from '../support/program.ts';

const secret = fc.stringMatching(/^[A-Za-z0-9]{3}[a-z][A-Z][0-9]{4}[A-Za-z0-9]{12,20}$/);
/** Not random to look at: only the place where it stands says that it is a secret. */
const word = fc.stringMatching(/^zq(secret|[a-z]{4,10})xw$/);

const places: Record<string, (value: string) => string[]> = {
  'joined short option': (value) => [`-p${value}`],
  'short option': (value) => ['-p', value],
  'user of curl': (value) => ['-u', `me:${value}`],
  'user, long': (value) => ['--user', `me:${value}`],
  'user with =': (value) => [`--proxy-user=me:${value}`],
  'long option': (value) => ['--password', value],
  'short for password': (value) => ['--pw', value],
  'pass-phrase': (value) => ['--pass-phrase', value],
  'pat': (value) => ['--pat', value],
  'two secret options': (value) => ['--token', '--password', value],
  'long option with =': (value) => [`--with-token=${value}`],
  'api key': (value) => ['--api-key', value],
  'authorization header': (value) => ['-H', `Authorization: Bearer ${value}`],
  'header with =': (value) => [`--header=Authorization: Bearer ${value}`],
  'basic': (value) => ['x', `authorization: basic ${value}`],
  'cookie': (value) => ['--x', `Cookie: a=${value}; b=2`],
  'url credentials': (value) => [`https://me:${value}@example.com/x`],
  'url user': (value) => [`https://${value}@example.com/x`],
  'query': (value) => [`https://example.com/x?a=1&access_token=${value}&b=2`],
  'assignment': (value) => [`DATABASE_PASSWORD=${value}`],
  'assignment with a space': (value) => [`password=a ${value}`],
  'assignment with commas': (value) => [`a=1;password=a,${value};&${value}`],
  'a quote that does not end': (value) => [`A=1 password=" a ${value}`],
  'json with a quote': (value) => ['-d', `{"a":1,"client_secret":"a\\"b ${value}","c":2}`],
  'json': (value) => ['-d', `{"a":1,"client_secret":"${value}"}`],
  'yaml': (value) => ['-e', `password: ${value}`],
  'json in json': (value) => ['-d', `{"a":{"client_secret":"${value}"},"headers":{"authorization":["x","${value}"]}}`],
  'an address with @ and / in its password': (value) => [`https://me:a@b/${value}@example.com/x`],
  'no address': (value) => ['-x', `me:${value}@proxy:80`],
  'any header': (value) => ['--header', `X-Vault: ${value}`],
  'variable of a container': (value) => ['-e', `A=${value}`, '--env', `B=${value}`, `--env=C=${value}`, '--build-arg', `D=${value}`],
  'a name of a setting': (value) => ['config', 'set', '//registry.example/:_authToken', value],
  'a name alone': (value) => ['--arg', 'password', value],
  'command line': (value) => ['-c', `mysql --password ${value} x`],
  'command line in quotes': (value) => ['/c', `"mysql --password ${value}"`],
  'command line in a command line': (value) => ['-lc', `cd x && ssh h "su -c 'mysql -p${value}' y"`],
  'command line with a scheme and quotes': (value) => ['-c', `x --a 'a token b' --password 'a ${value}'`],
  'options joined, in a command line': (value) => ['-c', `curl -sSfu me:${value} https://example.com`],
  'variable of a command line': (value) => ['-c', `cd x;A=${value} cmd && B='x ${value}' cmd || sudo C=${value} cmd`],
  'input of a command line': (value) => ['-c', `echo -n 'a ${value}' ${value} | sudo -S x; cat <<< ${value}`],
  'document in a command line': (value) => ['-c', `cat <<EOF | x\na ${value}\nEOF\n`],
  'code in a command line': (value) => ['-c', `node -e 'login("me","${value}")' && python3 -c 'login("${value}")'`],
  'variable of powershell': (value) => ['-Command', `$env:TOKEN="${value}"; x`],
  'variable of powershell, with spaces': (value) => ['-Command', `$password = "${value}"; x`],
  'variable in code': (value) => ['-x', `os.environ["TOKEN"] = "${value}"`],
};
for (const [place, make] of Object.entries(places)) {
  test(`scrubbed: ${place}`, () => {
    fc.assert(
      fc.property(fc.oneof(secret, word), fc.array(fc.constantFrom('run', '--verbose', 'src/index.ts', '-x')), (value, around) => {
        const args = [...around, ...make(value), 'after'];
        expect(scrubArguments(args).join('\n')).not.toContain(value);
        const line = args.map((one) => (/[\s"]/.test(one) ? single(one) : one)).join(' ');
        expect(scrubCommand(line).join('\n')).not.toContain(value);
      }),
    );
  });
}

const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const double = (text: string): string => `"${text.replace(/["\\$`]/g, '\\$&')}"`;
/** All the ways in which a shell lets a text be a piece of a word. */
const quotings: readonly ((text: string) => string)[] = [
  single,
  double,
  (text) => text.replace(/\W/g, '\\$&'),
  (text) => `$'${text.replace(/['\\]/g, '\\$&')}'`,
  (text) => `$(echo ${single(text)})`,
  (text) => `"$(echo ${double(text)})"`,
  (text) => `\`echo ${text.replace(/\W/g, '')} x\``,
  (text) => `"\`echo ${text.replace(/\W/g, '')} x\`"`,
  (text) => `\${X:-${double(text)}}`,
  (text) => `"\${X:-a \${Y}${text.replace(/\W/g, ' ')}}"`,
];
const piece = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(fc.constantFrom(...quotings), text).map(([quote, one]) => quote(one));
const pieces = fc.array(piece(fc.string({ unit: fc.constantFrom(...`ab '"\\$\`;&,}`), maxLength: 6 })), { maxLength: 3 }).map((list) => list.join(''));
const assignments: readonly ((value: string) => string)[] = [(value) => `PASSWORD=${value} cmd x`, (value) => `A=1;export PASSWORD+=${value}`, (value) => `cmd --password=${value} x`];
const options: readonly ((value: string) => string)[] = [(value) => `cmd --password ${value} x`, (value) => `cmd "--password" ${value} x`, (value) => `cmd -p${value} x`, (value) => `cmd PASSWORD=(a ${value})`];

test('a secret does not survive in any quoting, at any place of its word', () => {
  fc.assert(
    fc.property(word, pieces, pieces, piece(fc.tuple(pieces, pieces).map(([a, b]) => `${a} SECRET ${b}`)), fc.constantFrom(...assignments, ...options), (value, before, after, middle, make) => {
      const line = make(before + middle.replaceAll('SECRET', value) + after);
      expect(scrubCommand(line).join('\n'), line).not.toContain(value);
      if (!assignments.includes(make)) return;
      expect(scrubArguments(['sh', '-c', line]).join('\n'), line).not.toContain(value);
      for (const quote of [single, double]) expect(scrubCommand(`sh -c ${quote(line)} x`).join('\n'), quote(line)).not.toContain(value);
    }),
    { numRuns: 2000 },
  );
});

test('an assignment is taken to the end of its word, and no further where the shell puts nothing in', () => {
  const hidden = 'PASSWORD=[REDACTED]';
  expect(scrubCommand(`PASSWORD='it'\\''s SECRET1' true`)).toEqual([hidden, 'true']);
  expect(scrubCommand(`PASSWORD="ab"'SECRET3' true`)).toEqual([hidden, 'true']);
  expect(scrubCommand('PASSWORD="a b" B="x y" true')).toEqual([hidden, 'B=[REDACTED]', 'true']);
  expect(scrubCommand('PASSWORD=`echo SECRET4` true')).toEqual([hidden]);
  expect(scrubCommand('PASSWORD=$(echo SECRET5) true')).toEqual([hidden]);
  expect(scrubCommand('cmd --token ${TOKEN} $(pwd) (x) x')).toEqual(['cmd', '--token', '[REDACTED]', '$(pwd)', '(x)', 'x']);
  expect(scrubArguments(['sh', '-c', `PASSWORD='it'\\''s SECRET7' true`, 'PASSWORD="a"SECRET6'])).toEqual(['sh', '-c', hidden, hidden]);
});

test('a long random word is a secret wherever it stands', () => {
  fc.assert(fc.property(secret, (value) => void expect(scrubArguments(['x', value]).join()).not.toContain(value)));
  expect(scrubArguments(['ghp_abcdefghij', 'sk-abcdefghijkl', '0123456789abcdef0123456789abcdef'])).toEqual(['[REDACTED]', '[REDACTED]', '[REDACTED]']);
});

test.each([
  ['env', (value: string) => [`A=${value}`, 'prog']],
  ['/usr/bin/redis-cli', (value: string) => ['-a', value, `-a${value}`, 'AUTH', value]],
  ['curl', (value: string) => ['-su', `me:${value}`, '-E', `cert.pem:${value}`]],
  ['node', (value: string) => ['-e', `login("me","${value}")`, `--eval=login("${value}")`]],
  ['python3.12', (value: string) => ['-Ic', `login("me","${value}")`]],
  ['powershell.exe', (value: string) => ['-EncodedCommand', value]],
  ['vault', (value: string) => ['login', value]],
])('what %s is given, and only it takes for a secret, is none too', (file, make) => {
  fc.assert(fc.property(word, (value) => void expect(scrubArguments(make(value), file).concat(scrubCommand([file, ...make(value)].map(single).join(' '))).join('\n')).not.toContain(value)));
});

test('what is no secret stays readable', () => {
  expect(scrubArguments(['https://example.com/x?token=a&b=2', '{"token":"a","b":2}', 'a="x y" -x'])).toEqual(['https://example.com/x?token=[REDACTED]&b=2', '{"token":[REDACTED],"b":2}', 'a=[REDACTED] -x']);
  const plain = ['run', '--verbose', '--out=dist/main.js', 'src/some/long/directory/name/file.test.ts', '-x', 'https://example.com/a?b=c', 'A=1'];
  expect(scrubArguments(plain)).toEqual(plain);
  for (const line of ['sh -c "cd x && npm test -- --run | tee log"', 'gh auth login', 'git clone git@github.com:a/b.git', 'npm i @scope/pkg@1.2.3 a@npm:b@1', 'echo a && ffmpeg -vf "scale=1:2,fps=3"', 'docker pull r:5000/a@sha256:abc']) {
    expect(scrubCommand(line).join(' ')).toBe(line);
  }
});

test('a word without end is looked at once: from each of its characters, this would take minutes', () => {
  const word = '_'.repeat(500_000);
  expect(scrubText(word)).toBe(word);
});

test('the scrubber takes any text, in bounded time and size', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 })), (args) => {
      expect(scrubArguments(args).every((one) => one.length <= 256)).toBe(true);
      scrubCommand(args.join(' '));
    }),
  );
  scrubCommand(`A=${'"a'.repeat(10_000)}`);
  for (const part of ['a=:', 'a="', "a='", 'a="\\"', 'password="$', '`', '${', '$(', `"'`, `\\"'`]) {
    scrubArguments([part.repeat(5000)]);
    scrubCommand(part.repeat(5000));
  }
});

test('the name of a command is never an argument or a value', () => {
  fc.assert(
    fc.property(word, (value) => {
      for (const line of [`TOKEN=${value} cmd`, `TOKEN='${value} x' cmd`, `TOKEN=${value}`, `$(echo ${value})`, `> ${value} cmd`, `TOKEN="$X ${value}" cmd ${value}`, `TOKEN=$(x ${value}) cmd`]) {
        expect(commandName(line, '/bin/sh'), line).not.toContain(value);
      }
    }),
  );
  expect(commandName('/usr/bin/git status', 'sh')).toBe('git');
  expect(commandName('"/opt/my tools/run" x', 'sh')).toBe('run');
});

test('a command line that is given as the file has the name of its first word, where no file is called so', () => {
  const directory = temporaryDirectory();
  fc.assert(
    fc.property(word, (value) => {
      for (const line of [`mysql --password=${value} -u root`, ` mysql --password=/${value} `, `mysql\t-p${value}`, `redis-cli AUTH ${value}`, `curl https://x/${value}`]) {
        expect(executableName(line), line).toBe(line.trim().split(/\s/)[0]);
      }
      for (const line of [`PASSWORD=${value} cmd`, `PASSWORD=/a/${value}`, `https://u:${value}@host`, `https://hooks.example/${value}`, `u:${value}@host`]) {
        expect(executableName(line), line).toBe('unknown');
        expect(commandName(line, 'sh'), line).not.toContain(value);
      }
    }),
  );
  for (const name of ['Google Chrome', 'a=b', 'python@3', 'My Program.exe']) {
    const path = join(directory, name);
    writeFileSync(path, '');
    expect(executableName(path)).toBe(name);
    expect(executableName(name, { PATH: `/usr/bin:${directory}` })).toBe(name);
  }
  expect(executableName('Google Chrome', { PATH: '/usr/bin' })).toBe('Google');
  expect(['node_modules/@esbuild/linux-x64/bin/esbuild', '/opt/x@1/bin/x', 'git', ''].map((path) => executableName(path))).toEqual(['esbuild', 'x', 'git', 'unknown']);
});

function everything(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

test('no file has a command line or code that was given as the file', async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'my tool'), '#!/bin/sh\n', { mode: 0o755 });
  const value = 'zqsecretxw';
  const code = `
    const cp = require('node:child_process');
    const { Worker } = require('node:worker_threads');
    const fail = (fn) => { try { fn() } catch {} };
    cp.spawn('mysql --password=${value} -u root').on('error', () => {});
    cp.execFile('PASSWORD=${value} cmd', () => {});
    const env = { PATH: ${JSON.stringify(directory)} };
    cp.spawn('my tool', { env });
    cp.spawnSync('my tool', { env });
    fail(() => cp.execFileSync('https://u:${value}@host'));
    cp.exec('u:${value}@host', () => {});
    fail(() => new Worker('const ${value}=1;'));
    fail(() => new Worker('${value}()'));
    new Worker('/* code */ const ${value} = 1;').on('error', () => {});
  `;
  await runRegistered(directory, ['-e', code]);
  expect(spans(directory).map(({ name }) => name).sort()).toEqual(['my tool', 'my tool', 'mysql', 'unknown', 'unknown', 'unknown', 'worker *', 'worker [unknown]', 'worker [unknown]']);
  expect(everything(directory)).not.toContain(value);
});

test.each(['false', 'true'])('no file has them (SPOOR_RECORD_ARGUMENTS=%s)', async (record) => {
  const directory = temporaryDirectory();
  const value = 'zqsecretxw';
  const code = `
    const cp = require('node:child_process');
    const fail = (fn) => { try { fn() } catch {} };
    const args = ['-p${value}', '--with-token=${value}', '--password', '${value}', 'https://a:${value}@b', '-H', 'Authorization: Bearer ${value}'];
    cp.spawn('does-not-exist', args).on('error', () => {});
    cp.spawnSync('does-not-exist', args);
    cp.exec('echo token=${value} >&2; exit 3', () => {});
    cp.spawn('sh', ['-c', 'true mysql --password ${value}']);
    cp.spawn(process.execPath, ['-e', 'login("${value}")']).on('error', () => {});
    cp.exec('PASSWORD=${value} does-not-exist --password ${value}', { env: { ...process.env, API_KEY: '${value}' } }, () => {});
    fail(() => cp.execSync('echo secret=${value} >&2; exit 3', { stdio: 'pipe' }));
    fail(() => cp.execFileSync('false', args));
    cp.fork('/dev/null', args, { env: { ...process.env, SECRET: '${value}' } });
    new (require('node:worker_threads').Worker)('throw new Error("${value}")', { eval: true, workerData: '${value}', env: { A: '${value}' } }).on('error', () => {});
  `;
  await runRegistered(directory, ['-e', code], { env: { APP_SECRET: value, SPOOR_RECORD_ARGUMENTS: record } });
  expect(spans(directory).length).toBeGreaterThanOrEqual(8);
  expect(everything(directory).match(new RegExp(`.{0,60}${value}.{0,10}`, 'g'))).toBeNull();
});
