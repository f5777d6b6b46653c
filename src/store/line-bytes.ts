/** The bytes of a line: encoded into memory that is kept, as writing the string would take new memory each time. */

let scratch: Buffer | undefined;
const SCRATCH_BYTES = 65_536;
/** What the scratch memory begins with already: a process writes most lines with the same head. */
let inScratch: Uint8Array | undefined;

/** A line as it is written, and how much of the memory it is: valid until the next. @param torn - it starts on a line of its own */
export function encode(line: string, torn: boolean, head: Uint8Array | undefined): { readonly buffer: Buffer; readonly length: number } {
  // A UTF-16 unit takes at most three bytes.
  const most = line.length * 3 + (head?.length ?? 0) + 2;
  const kept = most <= SCRATCH_BYTES;
  const buffer = kept ? (scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES)) : Buffer.allocUnsafe(most);
  let length = 0;
  if (torn) buffer[length++] = 10;
  if (head !== undefined) {
    if (!kept || torn || inScratch !== head) buffer.set(head, length);
    length += head.length;
  }
  if (kept) inScratch = torn ? undefined : head;
  length += buffer.write(line, length);
  buffer[length++] = 10;
  return { buffer, length };
}
