/** Media types of what is usually published, by the name's extension. */
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css', csv: 'text/csv', gif: 'image/gif', gz: 'application/gzip', htm: 'text/html', html: 'text/html', jpeg: 'image/jpeg', jpg: 'image/jpeg',
  js: 'text/javascript', json: 'application/json', jsonl: 'application/jsonl', log: 'text/plain', map: 'application/json', md: 'text/markdown', mjs: 'text/javascript',
  mp4: 'video/mp4', pdf: 'application/pdf', png: 'image/png', svg: 'image/svg+xml', tar: 'application/x-tar', tgz: 'application/gzip', txt: 'text/plain',
  wasm: 'application/wasm', webm: 'video/webm', webp: 'image/webp', xml: 'application/xml', yaml: 'application/yaml', yml: 'application/yaml', zip: 'application/zip',
};

export function mediaTypeOf(name: string): string {
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase();
  return (extension !== undefined && Object.hasOwn(TYPES, extension) && TYPES[extension]) || 'application/octet-stream';
}
