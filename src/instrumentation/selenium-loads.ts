/** Where Selenium is loaded from. Imported by the preloaded bundle. */
/** Its entry; and the file of the drivers, because that is there before the entry is whole, and the app may begin at once. */
export const SELENIUM_FILE = /[\\/]selenium-webdriver[\\/](?:index|lib[\\/]webdriver)\.js$/;
/** What is asked for to get it by `require`. */
export const SELENIUM_REQUEST = /^selenium-webdriver(?:[\\/]index(?:\.js)?)?$|[\\/]selenium-webdriver(?:[\\/]index(?:\.js)?)?$/;
