/** Which CI this is, and what it says of the run, the job and the commit. */
import * as ciInfo from 'ci-info';
import { ATTR } from '../conventions.ts';
import type { PublishContext } from './manifest.ts';
import { CI_TABLE, type CiFacts } from './ci-table.ts';

/** `vcs.change.id` and the others of {@link PublishContext}, by the field that the table fills. */
const ATTRIBUTE_OF = {
  pipeline: ATTR.CICD_PIPELINE_NAME,
  run: ATTR.CICD_PIPELINE_RUN_ID,
  runUrl: ATTR.CICD_PIPELINE_RUN_URL_FULL,
  task: ATTR.CICD_PIPELINE_TASK_NAME,
  taskRun: ATTR.CICD_PIPELINE_TASK_RUN_ID,
  taskRunUrl: ATTR.CICD_PIPELINE_TASK_RUN_URL_FULL,
  repository: ATTR.VCS_REPOSITORY_URL_FULL,
  ref: ATTR.VCS_REF_HEAD_NAME,
  revision: ATTR.VCS_REF_HEAD_REVISION,
  change: ATTR.VCS_CHANGE_ID,
} as const satisfies Record<keyof CiFacts, string>;

/** Longer values are no names and no addresses. */
const MAX_LENGTH = 1_000;

/**
 * The CI is found by `ci-info`, which looks at this process's environment; what it says is read from `env`.
 * Outside of CI: `{ ci: null }`. A CI that is not in the table has its name alone.
 */
export function ciContext(env: NodeJS.ProcessEnv = process.env): PublishContext {
  if (!ciInfo.isCI) return { ci: null };
  return { ci: ciInfo.name ?? 'unknown', ...ciAttributes(ciInfo.id, env) };
}

/** What the CI with this id (a constant of `ci-info`, such as `GITHUB_ACTIONS`) says in its environment. */
export function ciAttributes(id: string | null, env: NodeJS.ProcessEnv): Omit<PublishContext, 'ci'> {
  const attributes: Record<string, string> = {};
  const facts = id !== null && Object.hasOwn(CI_TABLE, id) ? CI_TABLE[id]!(env) : {};
  for (const [field, value] of Object.entries(facts) as [keyof CiFacts, string | undefined][]) {
    if (value) attributes[ATTRIBUTE_OF[field]] = (/url/i.test(field) || field === 'repository' ? withoutCredentials(value) : value).slice(0, MAX_LENGTH);
  }
  return attributes;
}

/** Clone addresses often hold a token. What is no URL (`git@host:path`) holds none. */
export function withoutCredentials(address: string): string {
  try {
    const url = new URL(address);
    url.username = url.password = '';
    return url.href;
  } catch {
    return address;
  }
}
