/**
 * Azure Pipelines: the agent uploads what a command in the job's output names, after the step has gone on. So the
 * files are put where they stay until the end of the job, and the result is `handed_over`.
 */
import { join } from 'node:path';
import { type Writer, unavailable } from '../writer.ts';
import { azureCommand, ciCommands } from './ci-commands.ts';

export interface AzureOptions {
  readonly env: NodeJS.ProcessEnv;
  /** What the artifact is called, before job and attempt. Default: `artifacts`. */
  readonly name?: string;
}

export function azureWriter({ env, name = 'artifacts' }: AzureOptions): Writer {
  return {
    id: 'azure',
    async writeAll(artifacts, { runId }) {
      if (!env.TF_BUILD) return unavailable('this is not a job of Azure Pipelines');
      const say = ciCommands();
      if (say === undefined) return unavailable("Azure's agent takes commands from the job's output, which is the program's: publish with `spoor export` instead");
      const root = env.AGENT_TEMPDIRECTORY || env.BUILD_ARTIFACTSTAGINGDIRECTORY;
      if (!root) return unavailable('neither AGENT_TEMPDIRECTORY nor BUILD_ARTIFACTSTAGINGDIRECTORY is set');
      const folder = join(root, 'spoor-export', runId);
      for (const artifact of artifacts) await artifact.placeIn(folder);
      // An artifact is one folder of the run's container: the folder as a whole is handed over.
      const artifactname = azureArtifactName(name, env);
      say(azureCommand('artifact.upload', { containerfolder: artifactname, artifactname }, folder));
      return { status: 'handed_over', remoteId: artifactname };
    },
  };
}

/** `<name>-<job>-<attempt>`, without what a folder of a container cannot have in its name. */
export function azureArtifactName(name: string, env: NodeJS.ProcessEnv): string {
  const job = env.SYSTEM_JOBNAME || env.AGENT_JOBNAME;
  // oxlint-disable-next-line no-control-regex
  return [name, job, env.SYSTEM_JOBATTEMPT].filter(Boolean).join('-').replace(/["<>|*?:\\/#%\u0000-\u001f\u007f]+/g, '_').slice(0, 200);
}
