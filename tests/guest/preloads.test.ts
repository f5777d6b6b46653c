import { expect, test } from 'vitest';
import { REGISTER, run, spans, temporaryDirectory } from '../support/program.ts';
import { PRELOADED_SDK } from './apps.ts';
import { app, node24, program } from './fixture.ts';

const QUIET = { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', OTEL_NODE_RESOURCE_DETECTORS: 'none' };

/** What differs from run to run. */
function stable(stdout: string): string {
  return stdout.replaceAll(/\b(?:[0-9a-f]{32}|[0-9a-f]{16})\b/g, 'id').replaceAll(/(timestamp|duration|process\.pid)('?): [\d.]+/g, '$1$2: 0');
}

const SENTRY = `
const Sentry = require('@sentry/node');
const sent = [];
Sentry.init({ dsn: 'http://public@127.0.0.1:9/1', tracesSampleRate: 1, transport: () => ({ send: async (e) => { sent.push(e); return {}; }, flush: async () => true }) });
process.on('exit', () => console.log('sent', JSON.stringify(sent.flatMap((e) => e[1].map(([h, p]) => [h.type, p.transaction, (p.spans ?? []).map((s) => s.description)])))));
`;

const others = {
  'auto-instrumentations-node/register': { app: 'sdk-2', flag: '--require', preload: '@opentelemetry/auto-instrumentations-node/register' },
  'Sentry by --require': { app: 'sentry', flag: '--require', source: ['sentry.cjs', SENTRY] },
  'Sentry by --import': { app: 'sentry', flag: '--import', source: ['sentry.mjs', SENTRY.replace(/const Sentry = require\((.*)\);/, 'import * as Sentry from $1;')] },
} as const;

for (const [name, other] of Object.entries(others)) {
  for (const module of ['cjs', 'mjs']) {
    for (const [version, node] of [['this Node', async () => process.execPath], ['Node 24', node24]] as const) {
      test(`${name}, before and after ours: ${module}, ${version}`, async () => {
        const folder = await app(other.app);
        const file = program(folder, `app.${module}`, PRELOADED_SDK);
        const preload = 'source' in other ? program(folder, other.source[0], other.source[1]) : other.preload;
        const theirs: string[] = [other.flag, preload];
        const binary = await node();
        const bare = await run(binary, [...theirs, file], { cwd: folder, env: QUIET });
        expect(JSON.parse(bare.stdout.split('\n')[0]!)).toMatchObject({ recording: true, active: true });

        for (const args of [[...theirs, '--require', REGISTER], ['--require', REGISTER, ...theirs]]) {
          const directory = temporaryDirectory();
          const both = await run(binary, [...args, file], { cwd: folder, env: { ...QUIET, SPOOR_DIR: directory } });
          expect(stable(both.stdout), both.stderr).toBe(stable(bare.stdout));
          expect(both.code).toBe(bare.code);
          const { outer } = JSON.parse(/^IDS (.*)$/m.exec(both.stderr)![1]!) as { outer: string };
          expect(spans(directory).map((span) => [span.scope, span.name, span.parentSpanId])).toEqual([['spoor', 'true', outer]]);
        }
      });
    }
  }
}
