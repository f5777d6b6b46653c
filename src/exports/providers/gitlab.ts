/**
 * GitLab: its runner uploads what `artifacts: paths:` of the job declares, when the script has ended. So files are
 * written into a folder of the project that is declared there, and the result is `handed_over`.
 */
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Reserved, sparing } from '../reserved.ts';
import { type Writer, unavailable } from '../writer.ts';
import { filesystem } from '../writers/filesystem.ts';

export interface GitLabOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Below the project's folder; the one that the job declares. Default: `spoor-exports`. */
  readonly directory?: string | undefined;
  readonly fsync?: boolean;
  readonly reserved?: Reserved | undefined;
}

const GITLAB_DIRECTORY = 'spoor-exports';

/** @throws Error when the folder is not below the project's */
export function gitlabWriter({ env, directory = GITLAB_DIRECTORY, fsync = false, reserved }: GitLabOptions): Writer {
  const target = `gitlab:${directory}`;
  const project = env.CI_PROJECT_DIR;
  if (!env.GITLAB_CI || !project) return { id: 'gitlab', target, write: () => unavailable('this is not a job of GitLab CI') };
  const folder = resolve(project, directory);
  const inProject = relative(project, folder);
  if (inProject === '..' || inProject.startsWith(`..${sep}`) || isAbsolute(inProject)) throw new Error(`gitlab:${directory}: GitLab uploads only what is below the project's folder, ${project}`);
  const { write } = sparing(filesystem({ directory: folder, fsync }), folder, reserved);
  return {
    id: 'gitlab',
    target,
    async write(artifact, context) {
      const result = await write!(artifact, context);
      const path = join(inProject, artifact.name).split(sep).map(encodeURIComponent).join('/');
      return { ...result, status: 'handed_over', ...(env.CI_JOB_URL && { url: `${env.CI_JOB_URL}/artifacts/file/${path}` }) };
    },
  };
}
