import { afterAll, describe, it } from 'vitest';
import { recordedCases } from '../record/cases/index.js';
import type { RecordedCase } from '../record/case.js';
import { writeRecording, type Versions } from '../record/recording.js';
import { Stage } from '../record/stage.js';
import { Api } from '../support/api.js';
import { describeNode } from '../support/shared-cluster.js';

interface NodeInfo {
  readonly status: {
    readonly nodeInfo: Readonly<Record<'kubeletVersion' | 'containerRuntimeVersion', string>>;
  };
}

const isRecording = process.env.UPDATE_GOLDEN === '1';

describeNode('a pod on a real node comes to its recorded end', (node) => {
  const api = new Api(node);
  afterAll(() => api.close());

  const versions = async (): Promise<Versions> => {
    const { body } = await api.get<NodeInfo>(`/api/v1/nodes/${node.nodeName}`);
    const { kubeletVersion, containerRuntimeVersion } = body.status.nodeInfo;
    return { kubernetes: kubeletVersion, runtime: containerRuntimeVersion };
  };

  /** The evidence is what a case waits for: one that does not see it runs into the time limit. */
  const play = async (each: RecordedCase): Promise<void> => {
    const stage = await Stage.open({ node, api, name: each.name, withNode: each.withNode ?? false });
    try {
      await each.run(stage);
      // What was said at the same moment may still be on its way.
      await stage.pause(0.5);
      if (isRecording) writeRecording(each, await versions(), stage.timeline.sightings);
    } finally {
      await stage.close();
    }
  };

  describe('beside others', () => {
    for (const each of recordedCases.filter(({ isAlone }) => !isAlone))
      it.concurrent(`${each.name}: ${each.story}`, () => play(each));
  });

  describe('alone', () => {
    for (const each of recordedCases.filter(({ isAlone }) => isAlone))
      it(`${each.name}: ${each.story}`, () => play(each));
  });
});
