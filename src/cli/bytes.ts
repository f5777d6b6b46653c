/** A size for a person. */
export function bytes(size: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(size, 1)) / 3), units.length - 1);
  return power === 0 ? `${size} bytes` : `${Number((size / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
