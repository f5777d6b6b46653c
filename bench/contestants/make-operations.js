// @ts-check
/**
 * Fills a directory as many processes leave it: for each operation a line at its start and one at its end, for
 * each process ten lines of numbers. By the code that writes them in a process, but in large writes.
 *
 * Arguments: directory, processes, operations of each.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { keyValues, nanoseconds, resourcePrefix, spanLine } from '../../dist/exporters/span-line.js';
import { ATTR, SCOPE, SPAWN_DURATION } from '../../dist/src/conventions.js';
import { deltaLine } from '../../dist/src/rollup/otlp.js';
import { Rollup } from '../../dist/src/rollup/rollup.js';
import { hostId } from '../../dist/src/store/host.js';
import { hourFile } from '../../dist/src/store/layout.js';
import { KIND, attributesOf, nameOf } from './operation-attributes.js';

const [, , directory = '', processes = '0', each = '0'] = process.argv;
const HOUR = 3_600_000;
const HOURS = 10;
const LINES = 10;
const begin = Date.now() - HOURS * HOUR;

/** @type {Map<string, { descriptor: number, text: string[], size: number }>} */
const files = new Map();

/** @param {'traces' | 'starts' | 'rollups'} signal @param {number} time @param {string} line */
function append(signal, time, line) {
  const path = hourFile(directory, signal, time, hostId());
  let file = files.get(path);
  if (file === undefined) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    files.set(path, (file = { descriptor: openSync(path, 'a', 0o600), text: [], size: 0 }));
  }
  file.text.push(line);
  file.size += line.length;
  if (file.size > 1 << 20) write(file);
}

/** @param {{ descriptor: number, text: string[], size: number }} file */
function write(file) {
  if (file.text.length > 0) writeSync(file.descriptor, `${file.text.join('\n')}\n`);
  file.text = [];
  file.size = 0;
}

const scope = { ...SCOPE };
for (let p = 0; p < Number(processes); p++) {
  const attributes = {
    'service.name': 'build',
    [ATTR.SERVICE_INSTANCE_ID]: randomUUID(),
    [ATTR.HOST_NAME]: 'host',
    [ATTR.PROCESS_PID]: 1_000 + p,
    [ATTR.PROCESS_CREATION_TIME]: new Date(begin).toISOString(),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': '2.12.0',
  };
  const resource = keyValues(attributes);
  const prefix = resourcePrefix({ attributes });
  let now = begin + Math.floor(((p % HOURS) + 0.1) * HOUR);
  const rollup = new Rollup({ onDropped: () => {}, now: () => now });
  const traceId = randomBytes(16).toString('hex');
  const count = Number(each);
  for (let i = 1; i <= count; i++) {
    const spanId = randomBytes(8).toString('hex');
    const milliseconds = 1 + ((i * 7919) % 400);
    /** @type {[number, number]} */
    const startTime = [Math.floor(now / 1_000), (now % 1_000) * 1e6];
    const context = { traceId, spanId, traceFlags: 1 };
    const own = { ...attributesOf(i), [ATTR.CORRELATION_ID]: traceId };
    const start = { traceId, spanId, name: nameOf(i), kind: KIND.name, startTimeUnixNano: nanoseconds(startTime), resource: attributes, attributes: own };
    append('starts', now, JSON.stringify(start));
    now += milliseconds;
    const failed = i % 50 === 0;
    const final = { ...own, ...(failed && { [ATTR.ERROR_TYPE]: 'exit_code' }), [ATTR.SEQUENCE]: i };
    rollup.record(SPAWN_DURATION, milliseconds / 1_000, final, context);
    const line = spanLine(
      {
        name: nameOf(i),
        kind: KIND.spanKind,
        spanContext: () => context,
        startTime,
        endTime: [Math.floor(now / 1_000), (now % 1_000) * 1e6],
        status: { code: failed ? 2 : 0 },
        attributes: final,
        links: [],
        events: [],
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
        instrumentationScope: scope,
      },
      prefix,
    );
    append('traces', now, line);
    if (i % Math.ceil(count / LINES) === 0 || i === count) append('rollups', now, deltaLine(rollup.takeDelta(), { resource, sequence: i, final: i === count }));
  }
}
for (const file of files.values()) {
  write(file);
  closeSync(file.descriptor);
}
