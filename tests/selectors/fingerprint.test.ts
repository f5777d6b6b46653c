/** What is kept of an element, and how far two of them are apart. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HIGH_DRIFT } from '../../src/conventions.ts';
import { driftBetween, driftFrom } from '../../src/selectors/drift.ts';
import { type ElementFacts, type Fingerprint, fingerprintLabel, fingerprintOf } from '../../src/selectors/fingerprint.ts';

const facts: fc.Arbitrary<ElementFacts> = fc.record(
  {
    tag: fc.constantFrom('button', 'a', 'div', 'INPUT'),
    role: fc.constantFrom(null, 'button', 'link'),
    testId: fc.option(fc.string()),
    classes: fc.oneof(fc.constant(null), fc.string(), fc.array(fc.constantFrom('btn', 'btn-primary', 'is-open', 'css-1x2y3z', 'card__title'))),
    position: fc.nat(20),
    text: fc.option(fc.string({ unit: 'grapheme' })),
  },
  { requiredKeys: [] },
);

it('keeps no text, no id and no generated or passing class', () => {
  const found = fingerprintOf({
    tag: 'BUTTON',
    role: 'button',
    testId: 'row-4711-1b4e28ba-2fa1-11d2-883f-0016d3cca427-buy',
    classes: 'btn btn--large card__title is-active btn-disabled css-1q2w3e Form_field__x9Kd2 sc-bdVaJa md:flex _3xAb1 user-90210',
    position: 3,
    text: '  Jane Doe, card 4111 1111 1111 1111 ',
  });
  expect(found).toEqual({ tag: 'button', role: 'button', testId: 'row-#-#-buy', classes: ['Form_field', 'btn', 'btn--large', 'card__title'], position: 3, text: 'Aa Aa. a 9 9 ·64' });
  expect(fingerprintLabel(found)).toBe('button.Form_field.btn.btn--large.card__title role=button testid=row-#-#-buy position=3 text=Aa Aa. a 9 9 ·64');
});

it('what nobody told is absent, what the element has not is null, and nonsense is as if untold', () => {
  expect(fingerprintOf({ tag: 'p' })).toEqual({ tag: 'p' });
  expect(fingerprintOf({ role: null, testId: '', classes: null, text: ' ' })).toEqual({ role: null, testId: null, classes: [], text: null });
  expect(fingerprintOf({ tag: 7, role: {}, position: -1, text: Symbol('x'), classes: [Symbol('y'), 4] } as unknown as ElementFacts)).toEqual({ classes: [] });
});

it('is the same for what it has made, and short whatever it is given', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const once = fingerprintOf(given);
      expect(JSON.parse(JSON.stringify(once))).toEqual(once);
      expect(driftBetween(once, fingerprintOf(given)) ?? 0).toBe(0);
    }),
  );
  const huge = 'x1'.repeat(500_000);
  expect(JSON.stringify(fingerprintOf({ tag: huge, role: huge, testId: huge, classes: huge, text: huge })).length).toBeLessThan(1_000);
});

it('drift is symmetric, between 0 and 1, and undefined only without a common part', () => {
  fc.assert(
    fc.property(facts.map(fingerprintOf), facts.map(fingerprintOf), (a, b) => {
      const drift = driftBetween(a, b);
      expect(driftBetween(b, a)).toBe(drift);
      if (drift !== undefined) expect(drift).toBeGreaterThanOrEqual(0);
      if (drift !== undefined) expect(drift).toBeLessThanOrEqual(1);
    }),
  );
  expect(driftBetween({ tag: 'a' }, { role: 'link' })).toBeUndefined();
  expect(driftBetween({}, {})).toBeUndefined();
});

it('another element is a high drift; another text or place of the same is not', () => {
  const submit: Fingerprint = fingerprintOf({ tag: 'button', role: 'button', testId: 'submit', classes: 'btn btn-primary', position: 2, text: 'Place order' });
  const drift = (changed: ElementFacts): number => driftBetween(submit, { ...submit, ...fingerprintOf(changed) })!;
  expect(drift({ text: 'Jetzt 2 Artikel kaufen' })).toBeLessThan(0.2);
  expect(drift({ position: 3 })).toBeLessThan(0.05);
  expect(drift({ testId: null, tag: 'a', role: 'link' })).toBeGreaterThan(HIGH_DRIFT);
  expect(drift({ tag: 'div', role: null, testId: null, classes: 'banner', position: 9, text: 'x' })).toBe(1);
  expect(driftFrom([fingerprintOf({ tag: 'div' }), submit], submit)).toBe(0);
  expect(driftFrom([], submit)).toBeUndefined();
});
