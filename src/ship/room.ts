/**
 * Memory to read into, again and again. New memory for each piece would pile up: it is no part of the thread's heap,
 * which is small and seldom collected.
 */
export class Room {
  #bytes = Buffer.alloc(0);

  /** So many bytes, whatever stood there. */
  take(size: number): Buffer {
    if (this.#bytes.length < size) this.#bytes = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size)));
    return this.#bytes.subarray(0, size);
  }
}
