import { listAt, textAt } from '../../../conformance/json.js';
import type { RecordedCase } from '../case.js';
import type { Stage } from '../stage.js';

/** Freezes the kubelet, and makes sure that it goes on when the case is over. */
function freeze(stage: Stage): void {
  stage.handle.freeze();
  stage.later(() => {
    stage.handle.thaw();
    return Promise.resolve();
  });
}

const readiness = (stage: Stage, wanted: string): Promise<unknown> => {
  const from = stage.timeline.sightings.length;
  return stage.timeline.until((sighting) => {
    const { object } = sighting;
    return (
      stage.timeline.sightings.indexOf(sighting) >= from &&
      textAt(object, 'kind') === 'Node' &&
      listAt(object, 'status', 'conditions').some(
        (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === wanted,
      )
    );
  });
};

export const nodeCases: readonly RecordedCase[] = [
  {
    name: 'node-silent-before-start',
    kind: 'failing',
    story: 'The lab is scheduled to a node that no longer answers: it is never started.',
    evidence: 'controller-manager',
    isAlone: true,
    withNode: true,
    run: async (stage) => {
      freeze(stage);
      await stage.lab();
      await readiness(stage, 'Unknown');
      await stage.event('NodeNotReady');
      await stage.pause(2);
    },
  },
  {
    name: 'node-silent-and-back',
    kind: 'healthy',
    story:
      'The node of a running lab is not heard of for nearly a minute, and comes back: the lab never stopped.',
    evidence: 'controller-manager',
    isAlone: true,
    withNode: true,
    run: async (stage) => {
      await stage.lab();
      await stage.running();
      freeze(stage);
      await readiness(stage, 'Unknown');
      await stage.event('NodeNotReady');
      stage.handle.thaw();
      await readiness(stage, 'True');
      await stage.pause(2);
    },
  },
  {
    name: 'node-pauses',
    kind: 'healthy',
    story: 'The node stops for five seconds in the middle of a spawn; nobody notices but the lab.',
    evidence: 'nobody',
    isAlone: true,
    withNode: true,
    run: async (stage) => {
      freeze(stage);
      await stage.lab();
      await stage.event('Scheduled');
      await stage.pause(5);
      stage.handle.thaw();
      await stage.running();
    },
  },
];
