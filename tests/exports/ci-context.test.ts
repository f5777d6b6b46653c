/** Which CI this is, from the variables that each sets. */
import { expect, it } from 'vitest';
import { ciAttributes, withoutCredentials } from '../../src/exports/ci-context.ts';
import { CI_TABLE } from '../../src/exports/ci-table.ts';
import { ROOT, cleanEnvironment, run } from '../support/program.ts';

/** What a CI sets is more than this; these are the ones that are read. */
const ENVIRONMENTS: Record<string, [NodeJS.ProcessEnv, Record<string, string>]> = {
  GITHUB_ACTIONS: [
    { GITHUB_ACTIONS: 'true', GITHUB_WORKFLOW: 'build', GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '2', GITHUB_JOB: 'unit', GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'o/r', GITHUB_HEAD_REF: 'topic', GITHUB_REF_NAME: '12/merge', GITHUB_REF: 'refs/pull/12/merge', GITHUB_SHA: 'abc' },
    { 'cicd.pipeline.name': 'build', 'cicd.pipeline.run.id': '7', 'cicd.pipeline.run.url.full': 'https://github.com/o/r/actions/runs/7/attempts/2', 'cicd.pipeline.task.name': 'unit', 'vcs.repository.url.full': 'https://github.com/o/r', 'vcs.ref.head.name': 'topic', 'vcs.ref.head.revision': 'abc', 'vcs.change.id': '12' },
  ],
  GITLAB: [
    { GITLAB_CI: 'true', CI_PIPELINE_ID: '7', CI_PIPELINE_URL: 'https://gitlab.example/g/p/-/pipelines/7', CI_JOB_NAME: 'unit', CI_JOB_ID: '70', CI_JOB_URL: 'https://gitlab.example/g/p/-/jobs/70', CI_PROJECT_PATH: 'g/p', CI_PROJECT_URL: 'https://gitlab.example/g/p', CI_COMMIT_REF_NAME: 'topic', CI_COMMIT_SHA: 'abc', CI_MERGE_REQUEST_IID: '12' },
    { 'cicd.pipeline.name': 'g/p', 'cicd.pipeline.run.id': '7', 'cicd.pipeline.run.url.full': 'https://gitlab.example/g/p/-/pipelines/7', 'cicd.pipeline.task.name': 'unit', 'cicd.pipeline.task.run.id': '70', 'cicd.pipeline.task.run.url.full': 'https://gitlab.example/g/p/-/jobs/70', 'vcs.repository.url.full': 'https://gitlab.example/g/p', 'vcs.ref.head.name': 'topic', 'vcs.ref.head.revision': 'abc', 'vcs.change.id': '12' },
  ],
  BUILDKITE: [
    { BUILDKITE: 'true', BUILDKITE_PIPELINE_SLUG: 'p', BUILDKITE_BUILD_ID: 'u7', BUILDKITE_BUILD_URL: 'https://buildkite.com/o/p/builds/7', BUILDKITE_LABEL: ':test: unit', BUILDKITE_JOB_ID: 'j', BUILDKITE_REPO: 'https://token:secret@example.org/o/r.git', BUILDKITE_BRANCH: 'main', BUILDKITE_COMMIT: 'abc', BUILDKITE_PULL_REQUEST: 'false' },
    { 'cicd.pipeline.name': 'p', 'cicd.pipeline.run.id': 'u7', 'cicd.pipeline.run.url.full': 'https://buildkite.com/o/p/builds/7', 'cicd.pipeline.task.name': ':test: unit', 'cicd.pipeline.task.run.id': 'j', 'cicd.pipeline.task.run.url.full': 'https://buildkite.com/o/p/builds/7#j', 'vcs.repository.url.full': 'https://example.org/o/r.git', 'vcs.ref.head.name': 'main', 'vcs.ref.head.revision': 'abc' },
  ],
  AZURE_PIPELINES: [
    { TF_BUILD: 'True', BUILD_DEFINITIONNAME: 'nightly', BUILD_BUILDID: '7', SYSTEM_COLLECTIONURI: 'https://dev.azure.com/o/', SYSTEM_TEAMPROJECT: 'my project', SYSTEM_JOBNAME: 'unit', SYSTEM_JOBID: 'j', BUILD_REPOSITORY_URI: 'https://o@dev.azure.com/o/p/_git/r', BUILD_SOURCEBRANCH: 'refs/heads/topic/x', BUILD_SOURCEVERSION: 'abc' },
    { 'cicd.pipeline.name': 'nightly', 'cicd.pipeline.run.id': '7', 'cicd.pipeline.run.url.full': 'https://dev.azure.com/o/my%20project/_build/results?buildId=7', 'cicd.pipeline.task.name': 'unit', 'cicd.pipeline.task.run.id': 'j', 'cicd.pipeline.task.run.url.full': 'https://dev.azure.com/o/my%20project/_build/results?buildId=7&view=logs&j=j', 'vcs.repository.url.full': 'https://dev.azure.com/o/p/_git/r', 'vcs.ref.head.name': 'topic/x', 'vcs.ref.head.revision': 'abc' },
  ],
  CIRCLE: [
    { CIRCLECI: 'true', CIRCLE_PROJECT_REPONAME: 'r', CIRCLE_WORKFLOW_ID: 'w', CIRCLE_JOB: 'unit', CIRCLE_BUILD_NUM: '7', CIRCLE_BUILD_URL: 'https://circleci.com/gh/o/r/7', CIRCLE_REPOSITORY_URL: 'git@github.com:o/r.git', CIRCLE_BRANCH: 'main', CIRCLE_SHA1: 'abc', CIRCLE_PULL_REQUEST: 'https://github.com/o/r/pull/12' },
    { 'cicd.pipeline.name': 'r', 'cicd.pipeline.run.id': 'w', 'cicd.pipeline.run.url.full': 'https://app.circleci.com/pipelines/workflows/w', 'cicd.pipeline.task.name': 'unit', 'cicd.pipeline.task.run.id': '7', 'cicd.pipeline.task.run.url.full': 'https://circleci.com/gh/o/r/7', 'vcs.repository.url.full': 'git@github.com:o/r.git', 'vcs.ref.head.name': 'main', 'vcs.ref.head.revision': 'abc', 'vcs.change.id': '12' },
  ],
  JENKINS: [
    { JENKINS_URL: 'https://ci/', BUILD_ID: '7', JOB_NAME: 'folder/p', BUILD_URL: 'https://ci/job/p/7/', STAGE_NAME: 'unit', GIT_URL: 'https://example.org/r.git', GIT_BRANCH: 'origin/main', GIT_COMMIT: 'abc' },
    { 'cicd.pipeline.name': 'folder/p', 'cicd.pipeline.run.id': '7', 'cicd.pipeline.run.url.full': 'https://ci/job/p/7/', 'cicd.pipeline.task.name': 'unit', 'vcs.repository.url.full': 'https://example.org/r.git', 'vcs.ref.head.name': 'main', 'vcs.ref.head.revision': 'abc' },
  ],
};

it.each(Object.entries(ENVIRONMENTS))('%s: its run, job and commit', (id, [env, expected]) => {
  expect(ciAttributes(id, env)).toEqual(expected);
});

it('every CI of the table may leave everything out', () => {
  for (const id of Object.keys(CI_TABLE)) expect(ciAttributes(id, {}), id).toEqual({});
  for (const id of [null, 'NO_SUCH', 'toString']) expect(ciAttributes(id, {})).toEqual({});
});

it('addresses lose their credentials', () => {
  expect(withoutCredentials('https://user:secret@example.org/x')).toBe('https://example.org/x');
  expect(withoutCredentials('git@github.com:o/r.git')).toBe('git@github.com:o/r.git');
});

it('in a whole program it is found by its variables, or there is none', async () => {
  const clean = Object.fromEntries(Object.keys(cleanEnvironment()).filter((name) => /^(CI|BUILD_|GITHUB_|RUN_ID|CONTINUOUS)/.test(name)).map((name) => [name, undefined]));
  const code = `import { ciContext } from '${ROOT}dist/src/exports/ci-context.js'; console.log(JSON.stringify(ciContext()))`;
  const context = async (env: NodeJS.ProcessEnv): Promise<unknown> => JSON.parse((await run(process.execPath, ['--input-type=module', '-e', code], { env: { ...clean, ...env } })).stdout);
  expect(await context(ENVIRONMENTS.GITLAB![0])).toEqual({ ci: 'GitLab CI', ...ENVIRONMENTS.GITLAB![1] });
  expect(await context({ CI: 'true' })).toEqual({ ci: 'unknown' });
  expect(await context({})).toEqual({ ci: null });
});
