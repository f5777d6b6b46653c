/** Where Puppeteer is loaded from. Imported by the preloaded bundle. */

/** The entry of the library, to which that of `puppeteer` leads too: CommonJS up to 24, and an ES module. */
export const PUPPETEER_FILE = /[\\/]puppeteer-core[\\/]lib[\\/](?:cjs[\\/]|esm[\\/])?puppeteer[\\/]puppeteer-core\.js$/;
/** Those that are ES modules. */
export const PUPPETEER_ES_FILE = /[\\/]puppeteer-core[\\/]lib[\\/](?:esm[\\/])?puppeteer[\\/]puppeteer-core\.js$/;
/** What is asked for to get one by `require`. */
export const PUPPETEER_REQUEST = /^puppeteer(?:-core)?$|[\\/]puppeteer-core(?:[\\/]|$)/;
