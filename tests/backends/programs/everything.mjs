/** Numbers of every kind that spoor records, with every attribute that a panel asks for; some fail. */
import * as names from '../../../dist/src/conventions.js';
import { recordNumber, startOperation } from '../../../dist/src/operation.js';

function operations(kind, attributes) {
  for (const error of [undefined, { type: 'timeout' }]) {
    startOperation(kind, kind.name, { attributes }).end({ error, attributes: { [outcomeOf(kind)]: error ? 'failed' : done(kind) } });
  }
}

const outcomeOf = (kind) => ({ agent: 'spoor.spawn.outcome', selector: 'spoor.selector.outcome' })[kind.name] ?? 'spoor.export.outcome';
const done = (kind) => (kind.name === 'agent' || kind.name === 'selector' ? 'completed' : 'written');

const agent = { 'spoor.spawn.kind': 'agent', 'spoor.spawn.role': 'builder', 'gen_ai.request.model': 'large', 'spoor.spawn.source': 'task-based' };
const selector = { 'spoor.selector.operation': 'click', 'spoor.selector.name': 'buy', 'spoor.selector.strategy': 'role', 'spoor.selector.driver': 'playwright' };
const write = { 'spoor.export.writer': 'github', 'spoor.export.artifact_type': 'report' };

for (let i = 0; i < 5; i++) {
  operations(names.PROCESS_SPAWN, { 'spoor.spawn.kind': 'execFile', 'process.executable.name': 'git' });
  operations(names.AGENT_SPAWN, agent);
  for (const type of ['input', 'output']) recordNumber(names.TOKEN_USAGE, 100, { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'large', 'gen_ai.token.type': type, 'spoor.spawn.role': 'builder' });
  recordNumber(names.SELECTOR_WAIT, 0.2, { ...selector, 'spoor.selector.outcome': 'completed' });
  for (const counter of [names.SELECTOR_ATTEMPTS, names.SELECTOR_RETRIES, names.SELECTOR_FALLBACKS]) recordNumber(counter, 1, selector);
  recordNumber(names.SELECTOR_CONFIDENCE, 0.9, { ...selector, 'spoor.selector.confidence.source': 'reported' });
  recordNumber(names.SELECTOR_DRIFT, 0.1, selector);
  for (const operation of ['click', 'attempt']) operations(names.SELECTOR_OPERATION, { ...selector, 'spoor.selector.operation': operation });
  operations(names.TEST_ATTEMPT, { 'spoor.test.status': 'passed', 'spoor.test.project': 'chromium' });
  operations(names.EXPORT_PUBLISH, {});
  operations(names.EXPORT_WRITE, write);
  startOperation(names.EXPORT_WRITE, 'write', { attributes: write }).end({ attributes: { 'spoor.export.outcome': 'skipped', 'spoor.export.skip_reason': 'command_not_found' } });
  recordNumber(names.EXPORT_SIZE, 4096, { ...write, 'spoor.export.outcome': 'written' });
  recordNumber(names.TELEMETRY_DROPPED, 1, { reason: 'ENOSPC' });
  // So that a rate has more than one point.
  await new Promise((done) => setTimeout(done, 1100));
}
