/** One line of progress, in two columns. */
export const say = (who, what) => console.log(`  ${who.padEnd(10)} ${what}`);
