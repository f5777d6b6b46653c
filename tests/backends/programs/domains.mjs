/** One of everything: children, agents with tokens, selectors with their fallbacks, and artifacts that land and do not. */
import { spawnSync } from 'node:child_process';
import { exports, selectors, spawns, start } from 'spoor';

const spoor = start();
spawnSync('true');
spawnSync('false');
spawns.run({ role: 'builder', model: 'large', task: 'write it' }, (agent) => agent.tokenUsage({ input: 900, output: 120 }));
for (let i = 0; i < 10; i++) {
  await selectors
    .resolve('checkout.submit', { strategies: [{ name: 'testid', find: () => (i % 3 === 0 ? { tag: 'button' } : null) }, { name: 'css', find: () => (i % 4 === 1 ? null : { tag: 'a' }) }] })
    .catch(() => {});
}
await exports.publish([{ name: 'report.json', content: '{}', type: 'report' }, { name: '../escape', content: 'x' }], { name: 'nightly', to: [`dir:${process.argv[2]}`] });
await spoor.shutdown();
