import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../simulator/cluster.js';
import { runCase } from './case.js';
import { GROUPS } from './cases/index.js';
import { Client } from './client.js';
import { readRecording } from './recording.js';
import { installWidgets } from './widgets.js';

describe('the embedded cluster answers as the real one did', () => {
  let cluster: Cluster;
  let client: Client;

  beforeAll(async () => {
    cluster = await startCluster({ only: ['serviceAccounts', 'namespaces', 'owners'] });
    client = new Client({ url: cluster.api.url });
    await installWidgets(client);
    // What happened before is forgotten, as a real server forgets.
    cluster.api.store.compact();
  });
  afterAll(async () => {
    await client.close();
    await cluster.close();
  });

  for (const group of GROUPS) {
    const recording = readRecording(group.name);
    describe.concurrent(`${group.name} (${recording.server})`, () => {
      for (const each of group.cases) {
        it(each.name, async () => {
          expect(await runCase(each, client)).toEqual(recording.cases[each.name]);
        });
      }
    });
  }
});
