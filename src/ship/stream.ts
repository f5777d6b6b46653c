import { pointHead } from '../rollup/otlp.ts';
import type { KeyValue, WireExemplar } from '../rollup/request.ts';
import { checkSaved, type SavedStream } from './saved-stream.ts';
import { due, type Moment, type Times } from './point-times.ts';
import { StreamExemplars } from './stream-exemplars.ts';
import { copy, measured, plus, pointJson, restoredValue, savedValue, zero, type Kind, type Measured, type Value } from './value.ts';

/** Points that may have arrived: until that is known the next ones wait. */
interface Attempt {
  readonly time: number;
  /** Undefined: what `total` is. Of a delta: what it took. */
  value: Value | undefined;
  readonly exemplars: readonly WireExemplar[];
}

/**
 * One series of what is shipped. Cumulative: `total` counts since the stream began, over all processes and
 * holders. Delta (where the standard variable asks for it): `waiting` counts since the last points.
 *
 * A backend sees no increase in a series' first value, nor across a gap. So points that come after a gap are two:
 * what was sent last (at first: zero) one interval ago, and what is now.
 */
export class Stream {
  readonly kind: Kind;
  readonly #isDelta: boolean;
  readonly attributes: readonly KeyValue[];
  total: Value;
  /** Of an up-down counter: what each running process has added, taken back when it is gone. */
  readonly parts = new Map<string, number>();
  /** What was sent last; undefined when that is `total`. */
  #sent: Value | undefined;
  /** Not sent yet; only where deltas are sent. */
  #waiting: Value;
  #attempt: Attempt | undefined;
  readonly #times: Times = { start: 0, time: 0, news: 0, measured: 0 };
  #isChanged = false;
  readonly #json: string;
  readonly #exemplars = new StreamExemplars();

  constructor(kind: Kind, attributes: readonly KeyValue[], bounds: readonly number[], delta: boolean) {
    this.kind = kind;
    this.#isDelta = delta && kind !== 'updowncounter' && kind !== 'gauge';
    this.attributes = attributes;
    this.#json = JSON.stringify(attributes);
    this.total = zero(kind, bounds);
    this.#waiting = zero(kind, bounds);
  }

  /**
   * Adds a delta. One of before spoor shipped from here (`past`: when it was counted, in epoch milliseconds) is no
   * increase; but where deltas are sent, no total would tell of it later.
   */
  add(point: Measured, exemplars: readonly WireExemplar[], past: number | undefined): void {
    if (past !== undefined && !this.#isDelta) {
      // Of a stream that was sent, the backend has to hear of it all the same.
      if (this.#times.time > 0) this.#change();
      if (this.#sent !== undefined) this.#sent = plus(this.#sent, point);
      this.total = plus(this.total, point);
      return;
    }
    // Its first points say since when they count.
    if (past !== undefined && this.#times.time === 0) this.#times.start = Math.min(this.#times.start || past, past);
    this.#change();
    this.total = plus(this.total, point);
    if (this.#isDelta) this.#waiting = plus(this.#waiting, point);
    this.#exemplars.add(exemplars);
  }

  addPart(process: string, value: number): void {
    this.#change();
    this.total = (this.total as number) + value;
    const part = (this.parts.get(process) ?? 0) + value;
    if (part === 0) this.parts.delete(process);
    else this.parts.set(process, part);
  }

  /** The process is gone: what it has added stays (`keep`), or goes with it. */
  dropPart(process: string, keep: boolean): void {
    const part = this.parts.get(process);
    if (part === undefined) return;
    if (!keep) {
      this.#change();
      this.total = (this.total as number) - part;
    }
    this.parts.delete(process);
  }

  /** Of a gauge: the last measurement, by its time in epoch milliseconds, counts. */
  set(value: number, time: number): void {
    if (time < this.#times.measured) return;
    this.#change();
    this.total = value;
    this.#times.measured = time;
  }

  /** Nothing of it would be missed: all is sent, and it stood still for so long. */
  isIdle(now: number, forMilliseconds: number): boolean {
    return !this.#isChanged && this.#attempt === undefined && this.parts.size === 0 && this.#times.time > 0 && now - this.#times.news > forMilliseconds;
  }

  /** Whether all that it counts has arrived. */
  get isSent(): boolean {
    return this.#isDelta ? !this.#isChanged && this.#attempt === undefined : this.#times.time > 0 && this.#sent === undefined;
  }

  /** The points that are due, as OTLP/JSON; undefined when none are, or when it is not known what became of the last ones. */
  attempt(moment: Moment): string | undefined {
    if (this.#attempt !== undefined) return undefined;
    const isDelta = this.#isDelta;
    const found = due(this.#times, { kind: this.kind, isDelta, isChanged: this.#isChanged }, moment);
    if (found === undefined) return undefined;
    const { isNews, before, time } = found;
    const value = isDelta ? this.#waiting : this.total;
    const start = nanoseconds(found.start);
    const point = pointJson(pointHead(this.#json, this.kind === 'gauge' ? '0' : start, nanoseconds(time), this.#exemplars.json()), value);
    this.#attempt = { time, value: isDelta ? value : undefined, exemplars: this.#exemplars.take() };
    if (isDelta) this.#waiting = zero(this.kind, boundsIn(value));
    if (isNews) this.#times.news = time;
    this.#isChanged = false;
    if (before === undefined) return point;
    return `${pointJson(pointHead(this.#json, start, nanoseconds(before), ''), this.#sent ?? this.total)},${point}`;
  }

  /** The points have arrived, or never will. */
  arrived(): void {
    if (this.#attempt === undefined) return;
    this.#times.time = this.#attempt.time;
    this.#sent = this.#isDelta ? undefined : this.#attempt.value;
    this.#attempt = undefined;
  }

  /** The points have certainly not arrived: their numbers go with the next ones. */
  failed(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    if (this.#isDelta && attempt.value !== undefined) this.#waiting = plus(this.#waiting, measured(attempt.value));
    this.#exemplars.add(attempt.exemplars);
    this.#attempt = undefined;
    this.#isChanged = true;
  }

  /** It will never be known. A delta is rather sent twice than never; a cumulative value must not be followed by a lower one. */
  expired(): void {
    if (this.#isDelta) return this.failed();
    this.arrived();
    // Sent again in any case: the same value at a later time.
    this.#isChanged = true;
  }

  save(): SavedStream {
    const attempt = this.#attempt;
    const { start, time, news, measured: at } = this.#times;
    const exemplars = this.#exemplars.save();
    return {
      attributes: this.attributes,
      total: savedValue(this.total),
      ...(this.parts.size > 0 && { parts: [...this.parts] }),
      ...(this.#sent !== undefined && { sent: savedValue(this.#sent) }),
      ...(this.#isDelta && { waiting: savedValue(this.#waiting) }),
      ...(attempt !== undefined && { attempt: { time: attempt.time, ...(attempt.value !== undefined && { value: savedValue(attempt.value) }) } }),
      ...(this.#isChanged && { changed: true }),
      times: [start, time, news, at],
      ...(exemplars && { exemplars }),
    };
  }

  /** @throws {Error} when it cannot be used */
  static restore(kind: Kind, saved: SavedStream, delta: boolean): Stream {
    const total = restoredValue(kind, saved.total);
    checkSaved(saved);
    const stream = new Stream(kind, saved.attributes, boundsIn(total), delta);
    stream.total = total;
    for (const [process, part] of saved.parts ?? []) stream.parts.set(process, part);
    if (saved.sent !== undefined) stream.#sent = restoredValue(kind, saved.sent);
    if (saved.waiting !== undefined) stream.#waiting = restoredValue(kind, saved.waiting);
    if (saved.attempt !== undefined) {
      const { time, value } = saved.attempt;
      stream.#attempt = { time, value: value === undefined ? undefined : restoredValue(kind, value), exemplars: [] };
    }
    stream.#isChanged = saved.changed === true;
    const [start, time, news, at] = saved.times;
    Object.assign(stream.#times, { start, time, news, measured: at } satisfies Times);
    for (const list of saved.exemplars ?? []) stream.#exemplars.add(list);
    return stream;
  }

  /** Under another identity: nothing of it was sent there, and what it counts so far is no increase. A delta that waits goes there. */
  begin(): void {
    if (this.#isDelta) this.failed();
    else this.#isChanged = false;
    this.#attempt = undefined;
    this.#sent = undefined;
    Object.assign(this.#times, { start: 0, time: 0, news: 0 } satisfies Partial<Times>);
  }

  #change(): void {
    if (this.#attempt !== undefined) this.#attempt.value ??= copy(this.total);
    if (!this.#isDelta) this.#sent ??= copy(this.total);
    this.#isChanged = true;
  }
}

function boundsIn(value: Value): readonly number[] {
  return typeof value === 'object' && 'bounds' in value ? value.bounds : [];
}

function nanoseconds(milliseconds: number): string {
  return `${milliseconds}000000`;
}
