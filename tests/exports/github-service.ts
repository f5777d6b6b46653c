/** GitHub's artifact service as `@actions/artifact` speaks to it (Twirp, JSON), and its blob storage. */
import { createHash } from 'node:crypto';
import { type Seen, serve } from './providers.ts';

export const RUN = 'ce7f54c7-61c7-4aae-887f-30da475f5f1a';
export const JOB = 'ca395085-040a-526b-2ce8-bdc85f692774';
export const token = (scp: unknown): string => `e30.${Buffer.from(JSON.stringify({ scp })).toString('base64url')}.secret-signature`;
export const TOKEN = token(`Actions.Example Actions.Results:${RUN}:${JOB}`);

/** Answers as the service and the storage do; `fail` may answer first. `holding`: blocks are held until there are so many. */
export async function github(fail: (seen: Seen, count: number) => number | undefined = () => undefined, holding?: number) {
  const stored = new Map<string, { bytes: Buffer; mediaType: string; name: string; size?: string; hash?: string }>();
  const blocks = new Map<string, Buffer>();
  const counts = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  let most = 0;
  const server = await serve((seen, response) => {
    const what = seen.query.get('comp') ?? seen.path.split('/').pop()!;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    const failure = fail(seen, counts.get(what)!);
    if (failure !== undefined) return void response.writeHead(failure, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'already_exists', msg: 'refused' }));
    const problem = (message: string): void => void response.writeHead(400).end(message);
    const json = (body: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (seen.path.startsWith('/twirp/')) {
      if (seen.headers.authorization !== `Bearer ${TOKEN}`) return void response.writeHead(401).end();
      const body = JSON.parse(seen.body.toString());
      if (body.workflow_run_backend_id !== RUN || body.workflow_job_run_backend_id !== JOB) return problem('ids');
      if (/["<>|*?:\\/\r\n]/.test(body.name) || !body.name) return problem('name');
      if (what === 'CreateArtifact') {
        if (body.version !== 7) return problem('version');
        stored.set(body.name, { bytes: Buffer.alloc(0), mediaType: body.mime_type, name: body.name });
        return json({ ok: true, signed_upload_url: `${server.url}/blob/${encodeURIComponent(body.name)}?sig=secret-signature&se=2030` });
      }
      const one = stored.get(body.name);
      if (one === undefined || typeof body.size !== 'string') return problem('size');
      Object.assign(one, { size: body.size, hash: body.hash });
      return json({ ok: true, artifact_id: '4711' });
    }
    if (seen.query.get('sig') !== 'secret-signature' || seen.method !== 'PUT' || !seen.headers['x-ms-version']) return problem('blob');
    const one = stored.get(decodeURIComponent(seen.path.split('/').pop()!))!;
    if (what === 'block') {
      if (seen.body.length > 4 << 20 || seen.headers['content-md5'] !== createHash('md5').update(seen.body).digest('base64')) return problem('block');
      blocks.set(`${one.name}/${seen.query.get('blockid')}`, seen.body);
      most = Math.max(most, ++inFlight);
      waiting.push(() => {
        inFlight--;
        response.writeHead(201).end();
      });
      const release = (): void => waiting.splice(0).forEach((arrive) => arrive());
      if (holding === undefined) setImmediate(release);
      // All that may come at a time are here; one more would come now.
      else if (waiting.length === holding) setTimeout(release, 100);
      return;
    }
    const ids = [...seen.body.toString().matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id]) => id!);
    one.bytes = Buffer.concat(ids.map((id) => blocks.get(`${one.name}/${id}`)!));
    if (seen.headers['x-ms-blob-content-type'] !== one.mediaType) return problem('media type');
    response.writeHead(201).end();
  });
  const env = { GITHUB_ACTIONS: 'true', ACTIONS_RUNTIME_TOKEN: TOKEN, ACTIONS_RESULTS_URL: `${server.url}/ignored/path?x=1`, GITHUB_JOB: 'unit', GITHUB_RUN_ATTEMPT: '2', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '99' };
  return { ...server, env, stored, counts, most: () => most };
}
