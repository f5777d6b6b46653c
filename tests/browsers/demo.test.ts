/** `npm run demo` where there is a browser: the report names the selector that drifted, the one that fell back, and the dead one. */
import { expect, it } from 'vitest';
import { ROOT, run, temporaryDirectory } from '../support/program.ts';
import { chromium } from './chromium.ts';

it('shows what the second version of the page broke', async () => {
  const result = await run(process.execPath, ['examples/demo.js'], { cwd: ROOT, env: { TMPDIR: temporaryDirectory(), CHROMIUM_PATH: await chromium(), NO_COLOR: '1' } });
  expect(result.code, result.stdout + result.stderr).toBe(0);
  const report = result.stdout.slice(result.stdout.indexOf('report --kind selector'));
  const line = (name: string): string => report.split('\n').find((one) => one.startsWith(`${name} `)) ?? '';
  expect(line('coupon.apply')).toMatch(/ dead$/);
  expect(line('order.submit')).toMatch(/ 20 .* falling back$/);
  expect(line('nav.cart')).toMatch(/found, but something else \(10 ×\)$/);
  expect(line('search.query')).toMatch(/ 100% .* –$/);
});
