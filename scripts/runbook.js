/**
 * Writes `collector-config/prometheus/consoles/runbook.html` from `docs/runbook.md`: Prometheus serves it, so that the
 * link in an alert works wherever the link to its query does.
 *
 *   node scripts/runbook.js            writes it
 *   node scripts/runbook.js --check    writes nothing; exits 1 when it is not current
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const target = 'collector-config/prometheus/consoles/runbook.html';

marked.use({
  renderer: {
    // What an alert's link ends in.
    heading: ({ text, depth }) => `<h${depth} id="${text.toLowerCase()}">${text}</h${depth}>\n`,
    // Other pages are not beside this one.
    link: ({ href, text }) => (href.startsWith('#') ? `<a href="${href}">${text}</a>` : text),
  },
});

const html = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>spoor: runbook</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
  pre { padding: .6rem; overflow-x: auto; background: #8882; }
  h2 { margin-top: 3rem; border-top: 1px solid #8886; padding-top: 1rem; }
  h2:target { background: #fc06; }
</style>
${marked.parse(readFileSync(file('docs/runbook.md'), 'utf8'))}</html>
`;
// Prometheus takes the page for a template.
if (html.includes('{{')) throw new Error('docs/runbook.md: "{{" would begin an action of a template');

if (!process.argv.includes('--check')) writeFileSync(file(target), html);
else if (readFileSync(file(target), 'utf8') !== html) {
  console.error(`${target} is not current: npm run runbook`);
  process.exitCode = 1;
}
