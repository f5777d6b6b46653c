/**
 * A set of span ids, 8 bytes each: a million of them take 16 to 32 MB where a `Set` of strings takes 100.
 * Ids are random, so their own bits are the hash; open addressing, linear probing, at most half full.
 */
export class SpanIds {
  #high: Uint32Array;
  #low: Uint32Array;
  #count = 0;
  /** The all-zero id marks an empty slot (it is also invalid by W3C Trace Context). */
  #hasZero = false;

  constructor(capacity = 1024) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, capacity * 2)));
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
  }

  get size(): number {
    return this.#count + (this.#hasZero ? 1 : 0);
  }

  /** `id`: 16 hexadecimal digits. Anything else is ignored. True when it was not there. */
  add(id: string): boolean {
    const high = Number.parseInt(id.slice(0, 8), 16);
    const low = Number.parseInt(id.slice(8, 16), 16);
    if (Number.isNaN(high) || Number.isNaN(low)) return false;
    if (high === 0 && low === 0) {
      const isNew = !this.#hasZero;
      this.#hasZero = true;
      return isNew;
    }
    const slot = this.#slot(high, low);
    if (this.#high[slot] !== 0 || this.#low[slot] !== 0) return false;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#count++;
    if (this.#count * 2 > this.#high.length) this.#grow();
    return true;
  }

  has(id: string): boolean {
    const high = Number.parseInt(id.slice(0, 8), 16);
    const low = Number.parseInt(id.slice(8, 16), 16);
    if (Number.isNaN(high) || Number.isNaN(low)) return false;
    if (high === 0 && low === 0) return this.#hasZero;
    const slot = this.#slot(high, low);
    return this.#high[slot] !== 0 || this.#low[slot] !== 0;
  }

  /** The slot that holds the id, or the empty one where it belongs. */
  #slot(high: number, low: number): number {
    const mask = this.#high.length - 1;
    let slot = Math.imul(high ^ low, 0x9e3779b1) >>> 0 & mask;
    while (!(this.#high[slot] === high && this.#low[slot] === low) && !(this.#high[slot] === 0 && this.#low[slot] === 0)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const high = this.#high;
    const low = this.#low;
    this.#high = new Uint32Array(high.length * 2);
    this.#low = new Uint32Array(low.length * 2);
    for (let i = 0; i < high.length; i++) {
      if (high[i] === 0 && low[i] === 0) continue;
      const slot = this.#slot(high[i]!, low[i]!);
      this.#high[slot] = high[i]!;
      this.#low[slot] = low[i]!;
    }
  }
}
