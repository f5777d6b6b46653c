/**
 * What `read` gives of an object of the app's; undefined where that throws. It may be anything: a getter, a Proxy, a page
 * that is gone. What happens when it throws is the app's affair, and not ours to show.
 */
export function given<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
