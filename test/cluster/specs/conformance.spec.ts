import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCase, serverVersion } from '../../conformance/case.js';
import { GROUPS } from '../../conformance/cases/index.js';
import { Client } from '../../conformance/client.js';
import { readRecording, writeRecording } from '../../conformance/recording.js';
import { installWidgets } from '../../conformance/widgets.js';
import { forgetFirstRevisions } from '../support/etcd.js';
import { describeReal } from '../support/shared-cluster.js';

/** Controllers of a busy machine take their time. */
const PATIENCE_MS = 40_000;
const isRecording = process.env.UPDATE_GOLDEN === '1';

describeReal('the real API server answers as it was recorded', ({ url, ca, users, folder }) => {
  const client = new Client({ url, ca, token: users.admin ?? '' }, PATIENCE_MS);
  let server = '';

  beforeAll(async () => {
    server = await serverVersion(client);
    await installWidgets(client);
    await forgetFirstRevisions(folder);
  });
  afterAll(() => client.close());

  for (const { name, cases } of GROUPS) {
    const recording = readRecording(name);
    const heard = new Map<string, unknown>();

    describe.concurrent(name, () => {
      afterAll(() => {
        if (!isRecording || heard.size < cases.length) return;
        const told = cases.map((each) => [each.name, heard.get(each.name)] as const);
        writeRecording(name, { server, cases: Object.fromEntries(told) });
      });

      for (const each of cases) {
        it(each.name, async () => {
          heard.set(each.name, await runCase(each, client));

          if (!isRecording) expect(heard.get(each.name)).toEqual(recording.cases[each.name]);
        });
      }

      /**
       * @promise nothing is special
       * @fault the conformance suite is run against another version of Kubernetes, or asks what was never recorded
       * @outcome it fails on the real control plane until the answers are recorded anew, each read as a diff
       */
      it('has a recording of this version, with no case that is gone', () => {
        if (isRecording) return;

        expect(recording.server).toBe(server);
        expect(Object.keys(recording.cases)).toEqual(cases.map((each) => each.name));
      });
    });
  }
});
