/**
 * GitHub Actions artifacts, by the service's own protocol (the one that `actions/upload-artifact` v4 and later
 * speaks): a call that creates the artifact, an upload of blocks to the address that it answers, a call that
 * finalizes it with size and digest. A single file goes up as it is, several as one zip.
 *
 * The service's address and token are given to actions only, not to `run:` steps: the project's own action
 * (`action/`) runs the export where they are.
 */
import { createHash } from 'node:crypto';
import type { ReadyArtifact } from '../artifact.ts';
import { LONG_TIMEOUT, timeoutOf } from '../attempt.ts';
import { type WriteContext, type WriteResult, type Writer, unavailable } from '../writer.ts';
import { uploadBlocks } from './blob-upload.ts';
import { zipOf } from './github-zip.ts';
import { artifactName, isEnterpriseServer, jobIds } from './github-names.ts';
import { RequestFailed, type RetrySettings, request } from './request.ts';

export interface GitHubOptions {
  readonly env: NodeJS.ProcessEnv;
  /** What the zip of several files is called, before job and attempt. Default: `artifacts`. */
  readonly name?: string;
  /** Milliseconds. Default: 10 minutes. */
  readonly timeout?: number | undefined;
  readonly retry?: RetrySettings;
}

const SERVICE = 'twirp/github.actions.results.api.v1.ArtifactService';
/** The protocol's version, as `@actions/artifact` sends it. */
const VERSION = 7;

export function githubWriter({ env, name = 'artifacts', timeout, retry }: GitHubOptions): Writer {
  return {
    id: 'github',
    timeout: timeoutOf(timeout, LONG_TIMEOUT),
    concurrency: 1,
    async writeAll(artifacts, context) {
      const missing = whyNot(env);
      if (missing !== undefined) return unavailable(missing);
      const upload = new Upload(env, context, retry);
      return artifacts.length === 1 ? upload.file(artifacts[0]!) : upload.zip(artifacts, name);
    },
  };
}

function whyNot(env: NodeJS.ProcessEnv): string | undefined {
  if (isEnterpriseServer(env)) return 'GitHub Enterprise Server does not have this artifact service; use `dir:` and its own upload action';
  if (env.ACTIONS_RUNTIME_TOKEN && env.ACTIONS_RESULTS_URL) return undefined;
  if (!env.GITHUB_ACTIONS) return 'this is not a job of GitHub Actions';
  return "GitHub gives the upload token to actions, not to `run:` steps: run the export with spoor's action (`uses: <spoor>/action`), see docs/ci.md of this package";
}

/** One artifact on its way up. */
class Upload {
  readonly #env: NodeJS.ProcessEnv;
  readonly #context: WriteContext;
  readonly #retry: RetrySettings | undefined;
  #attempts = 1;

  constructor(env: NodeJS.ProcessEnv, context: WriteContext, retry: RetrySettings | undefined) {
    this.#env = env;
    this.#context = context;
    this.#retry = retry;
  }

  file(artifact: ReadyArtifact): Promise<WriteResult> {
    const base = artifact.name.slice(artifact.name.lastIndexOf('/') + 1);
    const dot = base.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [base.slice(0, dot), base.slice(dot)] : [base, ''];
    return this.#run(stem, ending, artifact.mediaType, artifact.chunks({ signal: this.#context.signal }));
  }

  zip(artifacts: readonly ReadyArtifact[], name: string): Promise<WriteResult> {
    return this.#run(name, '', 'application/zip', zipOf(artifacts, this.#context.signal));
  }

  async #run(stem: string, ending: string, mediaType: string, bytes: AsyncIterable<Buffer>): Promise<WriteResult> {
    const { name, address } = await this.#create(stem, ending, mediaType);
    const hash = createHash('sha256');
    const { size, attempts } = await uploadBlocks(address, hashed(bytes, hash), { mediaType, signal: this.#context.signal, retry: this.#retry });
    this.#attempts = Math.max(this.#attempts, attempts);
    const sha256 = hash.digest('hex');
    const { artifact_id: id } = await this.#call('FinalizeArtifact', { name, size: String(size), hash: `sha256:${sha256}` });
    const remoteId = String(id ?? '');
    const { GITHUB_SERVER_URL: server = 'https://github.com', GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = this.#env;
    return {
      status: 'written',
      bytes: size,
      sha256,
      attempts: this.#attempts,
      ...(remoteId !== '' && { remoteId }),
      ...(remoteId !== '' && repository && run && { url: `${server}/${repository}/actions/runs/${run}/artifacts/${remoteId}` }),
    };
  }

  /**
   * Names are for good within a run: where one is taken, the job's own id makes another (a job of a matrix has the same
   * name), and after that the publish's (a job may publish the same name any number of times).
   */
  async #create(stem: string, ending: string, mediaType: string): Promise<{ name: string; address: string }> {
    const job = jobIds(this.#env).job.slice(0, 8);
    const names = [undefined, job, `${job}-${this.#context.runId.slice(-8)}`].map((more) => artifactName(stem, ending, this.#env, more));
    for (const name of names) {
      try {
        const { signed_upload_url: address } = await this.#call('CreateArtifact', { name, mime_type: mediaType, version: VERSION });
        if (typeof address !== 'string') throw new RequestFailed('GitHub answered without an upload address', { code: 'bad_answer', attempts: this.#attempts });
        return { name, address };
      } catch (error) {
        if ((error as RequestFailed).status !== 409) throw error;
      }
    }
    throw new RequestFailed(`GitHub has artifacts of these names in this run, and names are for good there: ${names.join(', ')}; give the publish another name`, { code: 'http_409', status: 409, attempts: this.#attempts });
  }

  async #call(method: string, fields: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const ids = jobIds(this.#env);
    const body = JSON.stringify({ workflow_run_backend_id: ids.run, workflow_job_run_backend_id: ids.job, ...fields });
    // Only the origin of the address is used, as GitHub's own client does.
    const url = new URL(`/${SERVICE}/${method}`, new URL(this.#env.ACTIONS_RESULTS_URL!).origin);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.#env.ACTIONS_RUNTIME_TOKEN}`, 'user-agent': 'spoor' };
    const answer = await request(`GitHub's artifact service (${method})`, () => ({ url, init: { method: 'POST', headers, body } }), this.#context.signal, this.#retry);
    this.#attempts = Math.max(this.#attempts, answer.attempts);
    const parsed = parse(answer.body);
    if (parsed.ok !== true) throw new RequestFailed(`GitHub's artifact service did not accept ${method}`, { code: 'bad_answer', attempts: answer.attempts });
    return parsed;
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function* hashed(bytes: AsyncIterable<Buffer>, hash: { update(chunk: Buffer): unknown }): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}
