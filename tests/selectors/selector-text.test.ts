import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byText, playwrightText, puppeteerText } from '../../src/selectors/dialects.ts';
import { pageUrl } from '../../src/selectors/page-url.ts';
import { isIdentifier, scrubMessage, withoutIds } from '../../src/selectors/redaction.ts';
import { describeSelector } from '../../src/selectors/selector-text.ts';
import { ROOT, run } from '../support/program.ts';

const OPEN = { spans: 'actions', redact: undefined, hashNames: false, recordText: false, recordErrors: false, propagation: [] } as const;

describe('a selector as it is recorded', () => {
  test.each([
    ['internal:role=button[name="Jane Doe"i]', 'role=button[name="…"]', 'role'],
    ['internal:role=heading[name=/jane/i][level=1]', 'role=heading[name="…"][level="0"]', 'role'],
    ['internal:testid=[data-testid="row-12"s]', 'testid=[data-testid="row-0"]', 'testid'],
    ['internal:testid=[data-pw="save"s]', 'testid=[data-pw="save"]', 'testid'],
    ['internal:attr=[placeholder="Your name"i]', 'attr=[placeholder="…"]', 'placeholder'],
    ['internal:label="Card"i >> nth=2', 'label="…" >> nth=0', 'label'],
    ['text=Jane Doe', 'text="…"', 'text'],
    ['text=Jane', 'text="…"', 'text'],
    ['"Jane"', '"…"', 'text'],
    ['#user-4711 > .btn.css-1q2w3e:nth-child(3) h2', '#user-0 > .btn.css-0:nth-child(0) h2', 'css'],
    ['input[name="email"][value=\'x\\\'y\']', 'input[name="email"][value="…"]', 'css'],
    ['[value=hunter2]', '[value="…"]', 'css'],
    ['a[href="x >> y"] >> span', 'a[href="…"] >> span', 'css'],
    ['button:has-text(Jane (x)) >> visible=true', 'button:has-text("…") >> visible=true', 'css'],
    ['//a[contains(@class, "btn") and text()="Jane"]', '//a[contains(@class,"btn") and text()="…"]', 'xpath'],
    ['internal:role=row >> internal:has="internal:role=cell[name=\\"Jane\\"i]" >> internal:text="Delete"i', 'role=row >> has=(role=cell[name="…"]) >> text="…"', 'text'],
    ['#frame >> internal:control=enter-frame >> #x', '#frame >> control=enter-frame >> #x', 'css'],
    ['mine=Jane Doe', 'custom="…"', 'custom'],
    ['mine=Jane', 'custom="…"', 'custom'],
    ['"unterminated', '"…"', 'text'],
    ['internal:role=button[name=/[Jj]ane Doe/][level=2]', 'role=button[name="…"][level="0"]', 'role'],
    ['internal:role=button[name=/Jane>>Doe/i] >> nth=0', 'role=button[name="…"] >> nth=0', 'role'],
    ['internal:attr=[placeholder=/[Jj]ane Doe/]', 'attr=[placeholder="…"]', 'placeholder'],
    ['role=button Jane Doe', 'role="…"', 'role'],
    [' text = Jane Doe', 'text="…"', 'text'],
    ['text=/Ja>>ne Doe/i >> b', 'text="…" >> b', 'css'],
    ["text=Jane's >> [title='Jane >> Doe']", 'text="…" >> [title="…"]', 'css'],
    ['*css = button >> a+b=Jane Doe', 'css=button >> custom="…"', 'custom'],
    ['[title=Jane\\ Doe] > b', '[title="…"] > b', 'css'],
    ['a:has(> b:text-is("Jane Doe")):nth-child(2n+1) i', 'a:has(> b:text-is("…")):nth-child(0n+0) i', 'css'],
    ['div /* Jane Doe */ span', 'div  span', 'css'],
    ['xpath=/html/body >> #x', 'xpath=/html/body >> #x', 'css'],
    ['//a[position()=2 and @id="x"]/ancestor::b[contains(text(), Jane Doe)]', '//a[position()=0 and @id="x"]/ancestor::b[contains(text(),"…")]', 'xpath'],
    ["//a[.='it\\'s Jane' and @class='b']", '//a[.="…"]', 'xpath'],
  ])("Playwright's %s", (selector, text, engine) => {
    expect(describeSelector(selector, 'playwright')).toMatchObject({ text, engine });
  });

  test.each([
    ['::-p-text(Jane Doe)', '::-p-text("…")', 'text'],
    ['div >>> ::-p-aria([name="Jane"][role="button"]) .x', 'div >>> ::-p-aria("…") .x', 'aria'],
    ['::-p-own(Jane)', '::-p-own("…")', 'custom'],
    ['text/Jane', 'text/"…"', 'text'],
    ['xpath///a[.="Jane"]', 'xpath///a[.="…"]', 'xpath'],
    ['#a ::-p-xpath(//a[@id="x1"])', '#a ::-p-xpath(//a[@id="x0"])', 'xpath'],
    ['aria=Jane Doe', 'aria/"…"', 'aria'],
    ['xpath=//a[.="Jane Doe"]', 'xpath///a[.="…"]', 'xpath'],
    ['react/Jane Doe', 'custom/"…"', 'custom'],
    ['react=Jane', 'custom/"…"', 'custom'],
    ['pierce/[title=Jane\\ Doe]', 'pierce/[title="…"]', 'css'],
  ])("Puppeteer's %s", (selector, text, engine) => {
    expect(describeSelector(selector, 'puppeteer')).toMatchObject({ text, engine });
  });

  test.each([
    ['css selector', '*[id="x"]', '*[id="x"]', 'css'],
    ['css selector', '#a[title="Jane"]', '#a[title="…"]', 'css'],
    ['link text', 'Jane', 'link text="…"', 'link'],
    ['tag name', 'a', 'tag name=a', 'tag'],
  ])("Selenium's %s %s", (using, selector, text, engine) => {
    expect(describeSelector(selector, 'selenium', using)).toMatchObject({ text, engine });
  });

  test('one that two drivers have in one process is read as each reads it', () => {
    const texts = ['playwright', 'puppeteer', 'playwright'].map((driver) => describeSelector('text/Janeway', driver).text);
    expect(texts).toEqual(['text/Janeway', 'text/"…"', 'text/Janeway']);
  });

  test('the hash is the same for what differs in ids and texts only, and the one of ever', () => {
    const hash = (selector: string): string => describeSelector(selector, 'playwright').hash;
    expect(hash('#order-1 >> text=A')).toBe(hash('#order-77 >> text=B'));
    expect(hash('#order-1')).not.toBe(hash('#orders-1'));
    expect(hash('#order-1')).toBe('8ea9a340ff077fd0');
  });

  test.each([
    ['#order', 'playwright', ''],
    ["[data-testid='pay'] h1", 'puppeteer', ''],
    ['#order >> nth=3', 'playwright', ' nth=3'],
    ['nav > :nth-child(2n+1) a:nth-last-of-type(2)', 'puppeteer', ' :nth-child(2n+1) :nth-last-of-type(2)'],
    ['//nav/a[3]', 'selenium', ' [3]'],
    ['#order >> nth=-1', 'playwright', ' nth=-1'],
    ['#row-7 >> nth=3', 'playwright', undefined],
    ['#order >> nth=100', 'playwright', undefined],
    ['li:nth-child(100)', 'selenium', undefined],
    ['//li[100]', 'selenium', undefined],
    ['#row-7', 'selenium', undefined],
    ['.css-1q2w3e', 'puppeteer', undefined],
    ['text=Pay', 'playwright', undefined],
    ['li:nth-child(2 of .jane)', 'selenium', undefined],
    [`.${'a'.repeat(5_000)}`, 'playwright', undefined],
  ])('what %s of %s finds is known by its hash and positions, if that is this selector alone', (selector, dialect, positions) => {
    const { hash, findsAs } = describeSelector(selector, dialect);
    expect(findsAs).toBe(positions === undefined ? undefined : hash + positions);
  });

  test('one of a megabyte is read in part, in moments, and cut', () => {
    for (const unit of ['a', '"', '[', 'a=', '@a,', ':text(', '>', '\\', '@', 'a b ', '(', 'a="', 'a=/', ' >> ', '😀', '0a']) {
      const { text } = describeSelector(unit.repeat(1e6 / unit.length), 'playwright');
      expect(text.length).toBeLessThanOrEqual(256);
      expect(text).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
    }
  });
});

test('100,000 distinct selectors take no more memory than a few thousand', async () => {
  const program = `
import { describeSelector } from ${JSON.stringify(join(ROOT, 'dist/src/selectors/selector-text.js'))};
const letters = (i) => String(i).replace(/\\d/g, (digit) => 'abcdefghij'[digit]);
const describe = (from, to) => { for (let i = from; i < to; i++) describeSelector('#row-' + letters(i) + ' >> text=' + 'x'.repeat(200), 'playwright'); };
describe(0, 5_000);
gc();
const before = process.memoryUsage().heapUsed;
describe(5_000, 105_000);
gc();
console.log(process.memoryUsage().heapUsed - before);`;
  const { stdout, stderr } = await run(process.execPath, ['--expose-gc', '--input-type=module', '-e', program]);
  expect(stderr).toBe('');
  expect(Number(stdout)).toBeLessThan(1_000_000);
});

/** A text that a person could have on a page: in no selector of our making. */
const secret = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'QXZJKV') });
const quoted = (text: string): string => JSON.stringify(text);
/** With a word after the first blank too. */
const texts = (word: string): string[] => [word, `a ${word}`, `${word} ${word} >> ${word}`, `it's ${word}`, `${word} [${word}] (${word}) ${word}`];
const patterns = (text: string): string[] => {
  const source = text.replace(/[[\]()]/g, '\\$&');
  return [`/${source}/`, `/[ab]${source}/i`, `/[/"]]${source}|[^\\]]${source}\\/${source}/`];
};
/** Comparisons with a value, as drivers make them and as people write them. */
const values = (text: string): string[] => [quoted(text), `${quoted(text)}i`, text.replace(/[^a-z]/gi, '\\$&'), ` ${text.replace(/[[\]>'"()]/g, '')} `, ...patterns(text)].map((value) => `a[title=${value}] > b`);
/** The ways to look for a text with Playwright. */
const forms = (text: string): string[] => [
  ...['text=', 'text = ', ' *text=', 'a+b=', 'mine=', 'mine:own = ', 'internal:label='].map((engine) => engine + text.replaceAll('>>', '>')),
  ...[quoted(text), ...patterns(text)].flatMap((value) => [`text=${value}`, `text = ${value}`, `internal:text=${value}`, `role=button[name=${value}]`, `internal:role=button[ name = ${value} ][level=2]`, `internal:attr=[title=${value}]`]),
  ...values(text),
  ...['"', "'"].filter((quote) => !text.includes(quote)).map((quote) => `//a[contains(@title, ${quote}${text}${quote}) and .=${quote}${text}${quote}]`),
  `//a[.=${text.replace(/[[\]>'"()]/g, '')}]`,
  `a:own(${quoted(text)})`,
];

describe('properties', () => {
  test('what stands in quotes, in a text engine, in a regular expression or in a value is never kept', () => {
    const made = fc.tuple(secret, fc.string({ maxLength: 10 })).chain(([word, noise]) => {
      const text = word + noise;
      return fc.tuple(
        fc.constant(word),
        fc.constantFrom(
          ...texts(word).flatMap(forms),
          `text=${text}`,
          `internal:text=${quoted(text)}i`,
          `internal:label=${quoted(text)}s`,
          `internal:role=button[name=${quoted(text)}i]`,
          `internal:attr=[title=${quoted(text)}s]`,
          `css=[value=${quoted(text)}]`,
          `button:has-text(${quoted(text)})`,
          `//a[text()=${quoted(word)}]`,
          `div >> internal:has=${quoted(`internal:text=${quoted(text)}i`)}`,
          quoted(text),
        ),
      );
    });
    fc.assert(
      fc.property(made, fc.constantFrom('', '#a >> ', 'li:nth-child(2) '), ([word, selector], before) => {
        expect(playwrightText(before + selector, OPEN).text).not.toContain(word);
      }),
    );
    fc.assert(
      fc.property(secret, (word) => {
        for (const text of texts(word)) {
          for (const prefix of ['text/', 'text=', ' aria/', 'aria=', 'react/', 'react=']) expect(puppeteerText(prefix + text, OPEN).text).not.toContain(word);
          for (const selector of [`a ::-p-text(${text})`, `xpath=//a[.="${text}"]`, `::-p-xpath(//a[.="${text}"])`, `::-p-own(${text})`, ...values(text)]) expect(puppeteerText(selector, OPEN).text).not.toContain(word);
          for (const using of ['link text', 'own', 'name']) expect(byText(using, `${text} b`, OPEN).text).not.toContain(word);
        }
      }),
    );
  });

  test('nothing makes it throw, and what it gives it gives again', () => {
    const dialect = fc.constantFrom('playwright', 'puppeteer', 'selenium');
    fc.assert(fc.property(fc.string({ maxLength: 200 }), dialect, (selector, of) => void expect(describeSelector(selector, of)).toEqual(describeSelector(selector, of))));
    fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => void expect(withoutIds(withoutIds(text))).toBe(withoutIds(text))));
  });

  test('no digit of a number of two or more is left', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a1-2_b .3') }), (text) => void expect(withoutIds(text)).not.toMatch(/[1-9]{2}/)));
  });

  test('a text with a space or a sign of an address is no identifier', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom(' ', '@', '"', 'é'), fc.string(), (a, sign, b) => void expect(isIdentifier(a + sign + b)).toBe(false)));
  });
});

test.each([
  ['strict mode violation: getByText(/[KJ]ane Doe/i) resolved to 2 elements:', 'strict mode violation: getByText("…") resolved to 0 elements:'],
  ["locator('p').filter({ hasText: /Jane \\/ (Doe)/ }), getByRole('row', { name: /Jane/ })", 'locator("…").filter({ hasText: "…" }), getByRole("…", { name: "…" })'],
  ["SyntaxError: The string '//p[.='Jane Doe]' is not a valid XPath expression.", 'SyntaxError: The string "…" is not a valid XPath expression.'],
  ['Unexpected token "]" while parsing css selector "a[title="Jane Doe"]]". Did you mean to CSS.escape it?', 'Unexpected token [REDACTED] while parsing css selector "…". Did you mean to CSS.escape it'],
  ['Waiting for selector `[title="Jane Doe` failed', 'Waiting for selector "…" failed'],
  ['unexpected alert open: {Alert text : Jane "Doe"}', 'unexpected alert open: {Alert text : …'],
  ['Dismissed user prompt dialog: Jane Doe', 'Dismissed user prompt dialog: …'],
  ['open /srv/app/file.js, http://x/y/z and: /srv/app', 'open /srv/app/file.js, http://x/y/z and: /srv/app'],
])('a message: %s', (message, shown) => expect(scrubMessage(message, OPEN)).toBe(shown));

describe('the address of a page', () => {
  test.each([
    ['https://user:secret@example.com:8080/a/b?token=x&page=2#frag', 'https://example.com:8080/a/b?token=&page='],
    ['data:text/html,<b>Jane</b>', 'data:text/html'],
    ['about:blank', 'about:blank'],
    ['javascript:alert(1)', 'javascript:'],
    ['file:///srv/page.html?q=1', 'file:///srv/page.html?q='],
    ['https://example.com/?jane%20doe', 'https://example.com/'],
    ['https://example.com/invite?s3cr3t-token', 'https://example.com/invite'],
    ['https://example.com/?page=2&4111111111111111=1&eyJhbGciOiJIUzI1NiJ9.eyJzdWIi=x&ghp_abcdefghijkl=1&q', 'https://example.com/?page='],
    ['https://example.com/?c2VjcmV0Zm9y==', 'https://example.com/'],
    ['https://example.com/?%E0%A4%A=1&a%5B=1&to%2Ddo=1', 'https://example.com/?to-do='],
    ['not an address', ''],
    ['', ''],
  ])('%s', (url, shown) => expect(pageUrl(url)).toBe(shown));

  test('credentials, values and fragments are never kept', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 20, unit: fc.constantFrom(...'QXZJKV') }), fc.webUrl(), (word, url) => {
        const given = new URL(url);
        given.username = given.password = word;
        given.search = `?a=${word}&b=${word}`;
        given.hash = word;
        expect(pageUrl(given.href)).not.toMatch(new RegExp(word, 'i'));
      }),
    );
  });
});
