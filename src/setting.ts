/** The kinds of settings: how each is read from a text, what it may be, how its JSON schema says that. */

export type Parsed<T> = { value: T } | { expected: string };

/** The longest time, in milliseconds, that Node's timers take: for more they warn, and do not wait at all. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** One setting: where it comes from, what it may be, what it is when nobody says anything. */
export interface Setting<T> {
  /** Environment variable. */
  readonly variable: string;
  /** Key in `spoor.config.json`; none for what only makes sense per process. */
  readonly key?: string;
  readonly default: T;
  readonly description: string;
  /** JSON schema of the key's value. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly parse: (text: string) => Parsed<T>;
  /** A bad value is not repeated in the message: it may hold a password. */
  readonly isSecret?: true;
  /** Of a time or a size, whose value is in the smallest of them. */
  readonly units?: Readonly<Record<string, number>>;
  /** What happens with a bad value, where that is not the default in its place. */
  readonly otherwise?: string;
}

export const DURATIONS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export const SIZES = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;

/** Zero needs no unit; any other number without one would be taken for something else than was meant. */
function quantity(units: Readonly<Record<string, number>>, expected: string) {
  return (text: string): Parsed<number> => {
    const [, amount, name = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text) ?? [];
    const unit = Object.entries(units).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1] ?? (Number(amount) === 0 && name === '' ? 1 : undefined);
    return unit === undefined ? { expected } : { value: Number(amount) * unit };
  };
}

/** A default as a person writes it. */
export function written({ default: value, units }: Setting<unknown>): string {
  const [unit, size] = Object.entries(units ?? {}).findLast(([, size]) => Number(value) >= size && Number(value) % size === 0) ?? [];
  return size === undefined ? JSON.stringify(value) : `${Number(value) / size}${unit}`;
}

type Common = { variable: string; key?: string; description: string };

export const text = (common: Common & { default?: string }): Setting<string | undefined> => ({
  default: undefined,
  ...common,
  schema: { type: 'string' },
  parse: (value) => ({ value }),
});
export const flag = (common: Common & { default: boolean }): Setting<boolean> => ({
  ...common,
  schema: { type: 'boolean' },
  parse: (value) =>
    /^(true|1|on|yes)$/i.test(value) ? { value: true } : /^(false|0|off|no)$/i.test(value) ? { value: false } : { expected: 'true or false' },
});
/** As OpenTelemetry reads its own: nothing but `true` is true. */
export const standardFlag = (common: Common & { default: boolean }): Setting<boolean> => ({
  ...flag(common),
  parse: (value) => (/^(true|false)$/i.test(value) ? { value: value.toLowerCase() === 'true' } : { expected: 'true or false' }),
});
export const count = <const T extends number | undefined>(common: Common & { default: T }, least: number, most: number): Setting<number | T> => ({
  ...common,
  schema: { type: 'integer', minimum: least, maximum: most },
  parse: (value) => {
    const number = Number(value);
    return Number.isInteger(number) && number >= least && number <= most ? { value: number } : { expected: `a whole number from ${least} to ${most}` };
  },
});
export const number = (common: Common & { default: number }, expected: string, isRight: (value: number) => boolean): Setting<number> => ({
  ...common,
  schema: { type: 'number' },
  parse: (value) => (isRight(Number(value)) ? { value: Number(value) } : { expected }),
});
export const duration = (common: Common & { default: number }): Setting<number> => ({
  ...common,
  units: DURATIONS,
  schema: { type: 'string', pattern: '^(0|\\d+(\\.\\d+)?\\s*(ms|s|m|h|d))$' },
  parse: quantity(DURATIONS, 'a time such as 500ms, 2s or 7d'),
});
/** A time that a timer waits. */
export const wait = (common: Common & { default: number }): Setting<number> => {
  const setting = duration(common);
  const parse = (value: string): Parsed<number> => {
    const parsed = setting.parse(value);
    return 'value' in parsed && parsed.value > LONGEST_TIMER ? { expected: 'a time of at most 24 days' } : parsed;
  };
  return { ...setting, parse };
};
export const size = (common: Common & { default: number }): Setting<number> => ({
  ...common,
  units: SIZES,
  schema: { type: 'string', pattern: '^(0|\\d+(\\.\\d+)?\\s*[KMGT]?B)$' },
  parse: quantity(SIZES, 'a size such as 256MB or 1GB'),
});
export const choice = <const T extends string>(common: Common & { default: NoInfer<T> }, values: readonly T[]): Setting<T> => ({
  ...common,
  schema: { enum: values },
  parse: (value) => {
    const found = values.find((one) => one === value.toLowerCase());
    return found === undefined ? { expected: `one of ${values.join(', ')}` } : { value: found };
  },
});
/** One of the words, as they are: for what others read too, who know no other case. */
export const exactly = <const T extends string>(common: Common & { default: NoInfer<T> }, values: readonly T[]): Setting<T> => {
  const setting = choice(common, values);
  return { ...setting, parse: (value) => (values.some((one) => one === value) ? setting.parse(value) : { expected: `one of ${values.join(', ')}` }) };
};
/** Where something is sent to. */
export const address = (common: Common): Setting<string | undefined> => ({
  ...text(common),
  isSecret: true,
  parse: (value) => (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? { value } : { expected: 'a URL with http:// or https:// in front' }),
});
/** `key=value` pairs, separated by commas and percent-encoded. `pair`: what one of them looks like. */
export const pairs = (common: Common & { otherwise?: string }, pair: RegExp): Setting<string | undefined> => ({
  ...text(common),
  isSecret: true,
  parse: (value) => (value.split(',').every((one) => one.trim() === '' || (pair.test(one.trim()) && isEncoded(one))) ? { value } : { expected: 'a list such as key=value,key2=value2, percent-encoded' }),
});
/** Origins, separated by commas. */
export const origins = (common: Common): Setting<string | undefined> => ({
  ...text(common),
  parse: (value) => (value.split(',').every((one) => /^https?:\/\/[^\s/?#@*]+(?::\*)?$/i.test(one.trim())) ? { value } : { expected: 'a list of origins such as https://api.example.com, http://localhost:*' }),
});
export const pattern = (common: Common): Setting<string | undefined> => ({
  ...text(common),
  schema: { type: 'string', format: 'regex' },
  parse: (value) => {
    try {
      new RegExp(value, 'u');
      return { value };
    } catch {
      return { expected: 'a regular expression' };
    }
  },
});

function isEncoded(value: string): boolean {
  try {
    decodeURIComponent(value);
    return true;
  } catch {
    return false;
  }
}
