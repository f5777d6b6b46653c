import { spawn } from 'node:child_process';
import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Lease, LEASE_TTL } from '../../src/ship/lease.ts';
import { processIdentity } from '../../src/store/process-identity.ts';
import { ROOT, run, temporaryDirectory } from '../support/program.ts';

const MODULE = join(ROOT, 'dist/src/ship/lease.js');
let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
  new Lease(directory).take();
  rmSync(join(directory, 'ship/lease.1'));
});

/** A lease of somebody else, last heard `ago` milliseconds before now. */
function lease(epoch: number, content: string, ago = 0): string {
  const path = join(directory, `ship/lease.${epoch}`);
  writeFileSync(path, content);
  const at = (Date.now() - ago) / 1000;
  utimesSync(path, at, at);
  return path;
}

const by = (identity: string): string => JSON.stringify({ identity, pid: 1, host: 'elsewhere', since: 0 });
const [host, space] = processIdentity().split(':');
const ELSEWHERE = 'abcdefabcdef:1:77:5:0';

test('is held by one, and given back', () => {
  const one = new Lease(directory);
  expect(one.take()).toBe(true);
  expect(one.held).toBe(true);
  expect(one.holder()).toMatchObject({ epoch: 1, pid: process.pid });
  one.release();
  expect(one.held).toBe(false);
  expect(one.holder()).toBeUndefined();
  const two = new Lease(directory);
  expect(two.take()).toBe(true);
  expect(readdirSync(join(directory, 'ship'))).toEqual(['lease.2']);
  expect(one.held).toBe(false);
});

describe('a holder that is gone', () => {
  test('killed: the next takes it at once', async () => {
    const program = `const { Lease } = await import(${JSON.stringify(MODULE)}); console.log(new Lease(${JSON.stringify(directory)}).take()); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const own = new Lease(directory);
    expect(own.holder()?.pid).toBe(child.pid);
    expect(own.take()).toBe(false);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(own.take()).toBe(true);
  });

  test('its process id was given to another process', () => {
    lease(4, by(`${host}:${space}:${process.pid}:1:0`));
    const own = new Lease(directory);
    expect(own.take()).toBe(true);
    expect(own.holder()?.epoch).toBe(5);
  });

  test('in another container: when its heartbeat stood still for long enough, on our own clock', () => {
    const path = lease(4, by(ELSEWHERE));
    let now = 0;
    const own = new Lease(directory, () => now);
    expect(own.take()).toBe(false);
    now = LEASE_TTL - 1;
    expect(own.take()).toBe(false);
    // It beats: a clock that was set back is a heartbeat too.
    utimesSync(path, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    now = LEASE_TTL + 1;
    expect(own.take()).toBe(false);
    now = 2 * LEASE_TTL + 2;
    expect(own.take()).toBe(true);
  });

  test('not heard for longer than clocks differ', () => {
    lease(4, by(ELSEWHERE), 6 * 60_000);
    expect(new Lease(directory).take()).toBe(true);
  });
});

test.each(['', '{"identity":"a2d8', 'null', '[]', '\0\0\0', '{"identity":7}'])('a torn or corrupt lease (%j) holds while it beats, and not for ever', (content) => {
  lease(7, content);
  expect(new Lease(directory).take()).toBe(false);
  lease(7, content, 6 * 60_000);
  const own = new Lease(directory);
  expect(own.take()).toBe(true);
  expect(own.held).toBe(true);
});

test('a time that no date can be made of is none', () => {
  lease(7, JSON.stringify({ identity: ELSEWHERE, pid: 1, host: 'elsewhere', since: 1e300 }));
  expect(new Lease(directory).holder()).toMatchObject({ pid: 1, since: undefined });
});

test('who looked long ago takes nothing, and a holder that stood still sends no more', () => {
  const slow = new Lease(directory);
  expect(slow.take()).toBe(true);
  // Others thought it dead: one has held since, and passed it on.
  lease(2, by(ELSEWHERE));
  expect(slow.held).toBe(false);
  rmSync(join(directory, 'ship/lease.1'));
  lease(3, by(ELSEWHERE));
  rmSync(join(directory, 'ship/lease.2'));
  expect(slow.held).toBe(false);
  slow.release();
  slow.beat();
  expect(new Lease(directory).holder()?.epoch).toBe(3);
});

test('the directory is deleted while it is held: not held, and taken again', () => {
  const own = new Lease(directory);
  own.take();
  rmSync(directory, { recursive: true });
  expect(own.held).toBe(false);
  expect(own.take()).toBe(true);
});

test('another directory comes in its place, with a lease of the same name: not held, and taken there', () => {
  const own = new Lease(directory);
  own.take();
  renameSync(directory, `${directory}-away`);
  expect(own.take()).toBe(true);
  renameSync(directory, `${directory}-made`);
  renameSync(`${directory}-away`, directory);
  onTestFinished(() => rmSync(`${directory}-made`, { recursive: true }));
  expect(own.held).toBe(false);
  expect(own.take()).toBe(true);
  expect(own.holder()?.epoch).toBe(2);
});

test('six processes at once: never two', async () => {
  const results = await Promise.all(Array.from({ length: 6 }, () => run(process.execPath, [join(ROOT, 'tests/programs/lease-taker.mjs'), MODULE, directory, '700'])));
  const said = results.flatMap(({ stdout }) => stdout.trim().split('\n'));
  expect(said.filter((line) => !line.startsWith('taken'))).toEqual([]);
  const taken = said.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  expect(taken).toBeGreaterThan(20);
  const [last] = readdirSync(join(directory, 'ship')).filter((name) => name.startsWith('lease.'));
  // Each number was held once.
  expect(Number(last!.slice(6))).toBeGreaterThanOrEqual(taken);
}, 20_000);
