/** Numbers to InfluxDB: artifacts in line protocol, such as `spoor export --from rollups --format influx` makes. */
import { StringDecoder } from 'node:string_decoder';
import { InfluxDBClient, InfluxDBError, type InfluxDBOptions, isAddress } from '../../../exporters/influx-client.ts';
import type { ReadyArtifact } from '../artifact.ts';
import { LONG_TIMEOUT, timeoutOf } from '../attempt.ts';
import { type Writer, unavailable } from '../writer.ts';

/**
 * @param timeout milliseconds for one artifact; default: 10 minutes
 * @throws TypeError when the settings do not fit together
 */
export function influxdbWriter({ env, timeout: asked }: { readonly env: NodeJS.ProcessEnv; readonly timeout?: number | undefined }): Writer {
  const url = env.SPOOR_INFLUXDB_URL;
  if (!url) return { id: 'influxdb', write: () => unavailable('no server: set SPOOR_INFLUXDB_URL') };
  const timeout = timeoutOf(asked, LONG_TIMEOUT);
  // Not the address itself: it may hold a password.
  if (!isAddress(url)) throw new TypeError('SPOOR_INFLUXDB_URL is no address: it must begin with https:// or http://');
  const client = clientOf({ url, timeout, ...optionsOf(env) });
  return {
    id: 'influxdb',
    target: `influxdb:${new URL(url).host}`,
    timeout,
    // InfluxDB itself asks for one request after the other.
    concurrency: 1,
    async write(artifact, { signal }) {
      if (!artifact.name.endsWith('.lp')) return { status: 'skipped', skippedReason: 'not_numbers', error: `${artifact.name} is not line protocol (*.lp)` };
      try {
        await client.write(lines(artifact, signal), signal);
        return { status: 'written' };
      } catch (error) {
        if (!(error instanceof InfluxDBError)) throw error;
        return { status: 'failed', errorCode: error.status === undefined ? 'unreachable' : `http_${error.status}`, error: error.message };
      }
    },
  };
}

function clientOf(options: InfluxDBOptions): InfluxDBClient {
  try {
    return new InfluxDBClient(options);
  } catch (error) {
    throw new TypeError(`${(error as Error).message}: set SPOOR_INFLUXDB_DATABASE (versions 1 and 3), or SPOOR_INFLUXDB_BUCKET and SPOOR_INFLUXDB_ORG (version 2)`, { cause: error });
  }
}

function optionsOf({ SPOOR_INFLUXDB_VERSION: version, SPOOR_INFLUXDB_DATABASE: database, SPOOR_INFLUXDB_ORG: org, SPOOR_INFLUXDB_BUCKET: bucket, SPOOR_INFLUXDB_TOKEN: token }: NodeJS.ProcessEnv): Omit<InfluxDBOptions, 'url'> {
  if (version && !/^[123]$/.test(version)) throw new TypeError(`SPOOR_INFLUXDB_VERSION: ${JSON.stringify(version)} is not 1, 2 or 3`);
  return {
    ...(version && { version: Number(version) as 1 | 2 | 3 }),
    ...(database && { database }),
    ...(org && { org }),
    ...(bucket && { bucket }),
    ...(token && { token }),
  };
}

async function* lines(artifact: ReadyArtifact, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of artifact.chunks({ signal })) {
    const found = (rest + decoder.write(chunk)).split('\n');
    rest = found.pop()!;
    for (const line of found) if (line !== '') yield line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
