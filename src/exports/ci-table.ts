/**
 * What each CI says of the run, the job and the commit, in which environment variables. By the vendors' own
 * documentation of predefined variables, November 2026. The keys are the constants of `ci-info`.
 */

/** All may be absent. */
export interface CiFacts {
  readonly pipeline?: string | undefined;
  readonly run?: string | undefined;
  readonly runUrl?: string | undefined;
  readonly task?: string | undefined;
  readonly taskRun?: string | undefined;
  readonly taskRunUrl?: string | undefined;
  /** Credentials are taken out later. */
  readonly repository?: string | undefined;
  /** Branch or tag. */
  readonly ref?: string | undefined;
  readonly revision?: string | undefined;
  /** Number of the pull or merge request. */
  readonly change?: string | undefined;
}

type Env = NodeJS.ProcessEnv;

export const CI_TABLE: Readonly<Record<string, (env: Env) => CiFacts>> = {
  GITHUB_ACTIONS: gitHub,
  // It runs the same workflows.
  GITEA_ACTIONS: gitHub,
  GITLAB: (env) => ({
    pipeline: env.CI_PIPELINE_NAME || env.CI_PROJECT_PATH,
    run: env.CI_PIPELINE_ID,
    runUrl: env.CI_PIPELINE_URL,
    task: env.CI_JOB_NAME,
    taskRun: env.CI_JOB_ID,
    taskRunUrl: env.CI_JOB_URL,
    repository: env.CI_PROJECT_URL,
    ref: env.CI_COMMIT_REF_NAME,
    revision: env.CI_COMMIT_SHA,
    change: env.CI_MERGE_REQUEST_IID,
  }),
  BUILDKITE: (env) => ({
    pipeline: env.BUILDKITE_PIPELINE_SLUG,
    run: env.BUILDKITE_BUILD_ID,
    runUrl: env.BUILDKITE_BUILD_URL,
    task: env.BUILDKITE_STEP_KEY || env.BUILDKITE_LABEL,
    taskRun: env.BUILDKITE_JOB_ID,
    taskRunUrl: env.BUILDKITE_BUILD_URL && env.BUILDKITE_JOB_ID && `${env.BUILDKITE_BUILD_URL}#${env.BUILDKITE_JOB_ID}`,
    repository: env.BUILDKITE_REPO,
    ref: env.BUILDKITE_TAG || env.BUILDKITE_BRANCH,
    revision: env.BUILDKITE_COMMIT,
    change: number(env.BUILDKITE_PULL_REQUEST),
  }),
  AZURE_PIPELINES: (env) => {
    const project = env.SYSTEM_COLLECTIONURI && env.SYSTEM_TEAMPROJECT && `${env.SYSTEM_COLLECTIONURI}${encodeURIComponent(env.SYSTEM_TEAMPROJECT)}`;
    const run = project && env.BUILD_BUILDID && `${project}/_build/results?buildId=${env.BUILD_BUILDID}`;
    return {
      pipeline: env.BUILD_DEFINITIONNAME,
      run: env.BUILD_BUILDID,
      runUrl: run,
      task: env.SYSTEM_JOBNAME || env.SYSTEM_JOBDISPLAYNAME || env.AGENT_JOBNAME,
      taskRun: env.SYSTEM_JOBID,
      taskRunUrl: run && env.SYSTEM_JOBID && `${run}&view=logs&j=${env.SYSTEM_JOBID}`,
      repository: env.BUILD_REPOSITORY_URI,
      ref: branch(env.SYSTEM_PULLREQUEST_SOURCEBRANCH || env.BUILD_SOURCEBRANCH),
      revision: env.BUILD_SOURCEVERSION,
      change: env.SYSTEM_PULLREQUEST_PULLREQUESTNUMBER || env.SYSTEM_PULLREQUEST_PULLREQUESTID,
    };
  },
  CIRCLE: (env) => ({
    pipeline: env.CIRCLE_PROJECT_REPONAME,
    run: env.CIRCLE_WORKFLOW_ID,
    runUrl: env.CIRCLE_WORKFLOW_ID && `https://app.circleci.com/pipelines/workflows/${env.CIRCLE_WORKFLOW_ID}`,
    task: env.CIRCLE_JOB,
    taskRun: env.CIRCLE_BUILD_NUM,
    taskRunUrl: env.CIRCLE_BUILD_URL,
    repository: env.CIRCLE_REPOSITORY_URL,
    ref: env.CIRCLE_TAG || env.CIRCLE_BRANCH,
    revision: env.CIRCLE_SHA1,
    change: /\/(\d+)$/.exec(env.CIRCLE_PULL_REQUEST ?? '')?.[1],
  }),
  JENKINS: (env) => ({
    pipeline: env.JOB_NAME,
    run: env.BUILD_ID,
    runUrl: env.RUN_DISPLAY_URL || env.BUILD_URL,
    task: env.STAGE_NAME,
    repository: env.GIT_URL,
    ref: env.CHANGE_BRANCH || env.BRANCH_NAME || env.GIT_BRANCH?.replace(/^origin\//, ''),
    revision: env.GIT_COMMIT,
    change: env.CHANGE_ID || env.ghprbPullId,
  }),
  TRAVIS: (env) => ({
    pipeline: env.TRAVIS_REPO_SLUG,
    run: env.TRAVIS_BUILD_ID,
    runUrl: env.TRAVIS_BUILD_WEB_URL,
    task: env.TRAVIS_JOB_NAME,
    taskRun: env.TRAVIS_JOB_ID,
    taskRunUrl: env.TRAVIS_JOB_WEB_URL,
    ref: env.TRAVIS_PULL_REQUEST_BRANCH || env.TRAVIS_TAG || env.TRAVIS_BRANCH,
    revision: env.TRAVIS_PULL_REQUEST_SHA || env.TRAVIS_COMMIT,
    change: number(env.TRAVIS_PULL_REQUEST),
  }),
  BITBUCKET: (env) => ({
    pipeline: env.BITBUCKET_REPO_FULL_NAME,
    run: env.BITBUCKET_BUILD_NUMBER,
    runUrl: env.BITBUCKET_GIT_HTTP_ORIGIN && env.BITBUCKET_BUILD_NUMBER && `${env.BITBUCKET_GIT_HTTP_ORIGIN}/addon/pipelines/home#!/results/${env.BITBUCKET_BUILD_NUMBER}`,
    taskRun: env.BITBUCKET_STEP_UUID,
    repository: env.BITBUCKET_GIT_HTTP_ORIGIN,
    ref: env.BITBUCKET_TAG || env.BITBUCKET_BRANCH,
    revision: env.BITBUCKET_COMMIT,
    change: env.BITBUCKET_PR_ID,
  }),
  TEAMCITY: (env) => ({
    pipeline: env.TEAMCITY_BUILDCONF_NAME,
    run: env.BUILD_NUMBER,
    runUrl: env.BUILD_URL,
    revision: env.BUILD_VCS_NUMBER,
  }),
  APPVEYOR: (env) => ({
    pipeline: env.APPVEYOR_PROJECT_SLUG,
    run: env.APPVEYOR_BUILD_ID,
    task: env.APPVEYOR_JOB_NAME,
    taskRun: env.APPVEYOR_JOB_ID,
    ref: env.APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH || env.APPVEYOR_REPO_TAG_NAME || env.APPVEYOR_REPO_BRANCH,
    revision: env.APPVEYOR_PULL_REQUEST_HEAD_COMMIT || env.APPVEYOR_REPO_COMMIT,
    change: env.APPVEYOR_PULL_REQUEST_NUMBER,
  }),
  DRONE: (env) => ({
    pipeline: env.DRONE_REPO,
    run: env.DRONE_BUILD_NUMBER,
    runUrl: env.DRONE_BUILD_LINK,
    task: env.DRONE_STEP_NAME,
    taskRun: env.DRONE_STEP_NUMBER,
    repository: env.DRONE_GIT_HTTP_URL || env.DRONE_REPO_LINK,
    ref: env.DRONE_SOURCE_BRANCH || env.DRONE_TAG || env.DRONE_BRANCH,
    revision: env.DRONE_COMMIT_SHA,
    change: env.DRONE_PULL_REQUEST,
  }),
  WOODPECKER: (env) => ({
    pipeline: env.CI_REPO,
    run: env.CI_PIPELINE_NUMBER,
    runUrl: env.CI_PIPELINE_URL,
    task: env.CI_STEP_NAME || env.CI_WORKFLOW_NAME,
    taskRun: env.CI_STEP_NUMBER,
    taskRunUrl: env.CI_STEP_URL,
    repository: env.CI_REPO_URL,
    ref: env.CI_COMMIT_SOURCE_BRANCH || env.CI_COMMIT_TAG || env.CI_COMMIT_BRANCH,
    revision: env.CI_COMMIT_SHA,
    change: env.CI_COMMIT_PULL_REQUEST,
  }),
  CODEBUILD: (env) => ({
    pipeline: env.CODEBUILD_BUILD_ID?.split(':')[0],
    run: env.CODEBUILD_BUILD_ID,
    runUrl: env.CODEBUILD_PUBLIC_BUILD_URL,
    repository: env.CODEBUILD_SOURCE_REPO_URL,
    ref: branch(env.CODEBUILD_WEBHOOK_HEAD_REF),
    revision: env.CODEBUILD_RESOLVED_SOURCE_VERSION,
    change: /^pr\/(\d+)$/.exec(env.CODEBUILD_SOURCE_VERSION ?? '')?.[1],
  }),
};

function gitHub(env: Env): CiFacts {
  const repository = env.GITHUB_REPOSITORY && `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${env.GITHUB_REPOSITORY}`;
  const attempt = env.GITHUB_RUN_ATTEMPT && `/attempts/${env.GITHUB_RUN_ATTEMPT}`;
  return {
    pipeline: env.GITHUB_WORKFLOW,
    run: env.GITHUB_RUN_ID,
    runUrl: repository && env.GITHUB_RUN_ID && `${repository}/actions/runs/${env.GITHUB_RUN_ID}${attempt ?? ''}`,
    task: env.GITHUB_JOB,
    repository,
    ref: env.GITHUB_HEAD_REF || env.GITHUB_REF_NAME,
    revision: env.GITHUB_SHA,
    change: /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? '')?.[1],
  };
}

/** Some say `false` where there is none. */
function number(text: string | undefined): string | undefined {
  return text !== undefined && /^\d+$/.test(text) ? text : undefined;
}

function branch(ref: string | undefined): string | undefined {
  return ref?.replace(/^refs\/(heads|tags)\//, '');
}
