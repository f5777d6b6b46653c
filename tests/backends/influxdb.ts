/**
 * A real InfluxDB 1.x on loopback:
 *
 *   const influxdb = await startInfluxDB();   // in beforeAll
 *   influxdb.url                              // for a client
 *   await influxdb.stop();                    // in afterAll
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary } from './installed.ts';
import { freeAddress, Server, temporaryFolder } from './server.ts';

export interface InfluxDB {
  readonly url: string;
  readonly server: Server;
  stop(): Promise<void>;
}

export async function startInfluxDB(): Promise<InfluxDB> {
  const address = await freeAddress();
  const folder = temporaryFolder();
  const config = join(folder.path, 'influxdb.conf');
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "${address}:8088"
[meta]
dir = "${folder.path}/meta"
[data]
dir = "${folder.path}/data"
wal-dir = "${folder.path}/wal"
[http]
bind-address = "${address}:8086"
log-enabled = false
`,
  );
  const url = `http://${address}:8086`;
  const server = await new Server(await binary('influxd'), ['-config', config], { ready: `${url}/ping` }).start();
  return {
    url,
    server,
    async stop() {
      await server.stop();
      folder.remove();
    },
  };
}
