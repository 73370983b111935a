import { ODD_TAGS } from '../../harness/index.js';
import type { RecordedCase } from '../case.js';
import { NOTEBOOK, statusOf, type Stage } from '../stage.js';
import { textAt } from '../../../conformance/json.js';

/** A Secret of the kind that `imagePullSecrets` names. */
const pullSecret = (stage: Stage, credentials: string): object => ({
  metadata: { name: 'pull-secret' },
  type: 'kubernetes.io/dockerconfigjson',
  stringData: {
    '.dockerconfigjson': JSON.stringify({
      auths: { [stage.node.registries.guarded]: { auth: btoa(credentials) } },
    }),
  },
});

const withPullSecret = { imagePullSecrets: [{ name: 'pull-secret' }] };

export const imageCases: readonly RecordedCase[] = [
  {
    name: 'image-tag-missing',
    kind: 'failing',
    story: 'The repository has no such tag.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_1999_01') });
      await stage.waiting('ErrImagePull');
      await stage.waiting('ImagePullBackOff');
    },
  },
  {
    name: 'image-repository-missing',
    kind: 'failing',
    story: 'The registry has no such repository.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: `${stage.node.registries.open}/nobody/nothing:1` });
      await stage.waiting('ErrImagePull');
      await stage.waiting('ImagePullBackOff');
    },
  },
  {
    name: 'image-digest-missing',
    kind: 'failing',
    story: 'The tag was pushed anew and the old digest deleted.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: `${stage.image('w_2077_40')}@sha256:${'0'.repeat(64)}` });
      await stage.waiting('ErrImagePull');
      await stage.waiting('ImagePullBackOff');
    },
  },
  {
    name: 'image-name-invalid',
    kind: 'failing',
    story: 'The image reference cannot be parsed.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: 'Registry.example.org/Lab:W_2077' });
      await stage.waiting('InvalidImageName');
    },
  },
  {
    name: 'pull-denied',
    kind: 'failing',
    story: 'The registry asks for credentials, and the pod has none.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_40', stage.node.registries.guarded) });
      await stage.waiting('ErrImagePull');
      await stage.waiting('ImagePullBackOff');
    },
  },
  {
    name: 'pull-wrong-credentials',
    kind: 'failing',
    story: 'The credentials of the pull secret are no longer valid.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.create('secrets', pullSecret(stage, 'puller:expired'));
      const image = stage.image('w_2077_40', stage.node.registries.guarded);
      await stage.lab({ image, spec: withPullSecret });
      await stage.waiting('ErrImagePull');
      await stage.waiting('ImagePullBackOff');
    },
  },
  {
    name: 'registry-unreachable',
    kind: 'failing',
    story: 'Nobody listens where the registry should be.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_40', stage.node.registries.dead) });
      await stage.waiting('ErrImagePull');
      await stage.waiting('ImagePullBackOff');
    },
  },
  {
    name: 'registry-unknown',
    kind: 'failing',
    story: "The registry's name does not resolve.",
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_40', 'registry.invalid') });
      await stage.waiting('ErrImagePull');
      await stage.waiting('ImagePullBackOff');
    },
  },
  {
    name: 'registry-silent',
    kind: 'failing',
    story: 'The registry takes the connection and says nothing: for half a minute there is no word of it.',
    evidence: 'nobody',
    run: async (stage) => {
      await stage.lab({ image: stage.image('w_2077_40', stage.node.registries.silent) });
      await stage.event('Pulling');
      await stage.pause(30);
    },
  },
  {
    name: 'image-never-pulled',
    kind: 'failing',
    story: 'The policy forbids pulling, and the node does not have the image.',
    evidence: 'kubelet',
    run: async (stage) => {
      const image = stage.image('absent');
      await stage.lab({ image, notebook: { imagePullPolicy: 'Never' } });
      await stage.waiting('ErrImageNeverPull');
    },
  },
  {
    name: 'quick',
    kind: 'healthy',
    story: 'An ordinary spawn: scheduled, pulled, started.',
    evidence: 'nobody',
    run: async (stage) => {
      await stage.lab();
      await stage.running();
    },
  },
  {
    name: 'image-present',
    kind: 'healthy',
    story: 'The node has the image already.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ name: 'dario-nb' });
      await stage.running('dario-nb');
      await stage.lab();
      await stage.running();
    },
  },
  {
    name: 'slow-pull',
    kind: 'healthy',
    story: 'A large image comes over a thin line.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ image: stage.image(ODD_TAGS.large, stage.node.registries.slow) });
      await stage.event('Pulled');
      await stage.running();
    },
  },
  {
    name: 'image-by-digest',
    kind: 'healthy',
    story: 'Tag and digest are both named, as Berth does.',
    evidence: 'nobody',
    run: async (stage) => {
      await stage.lab({ name: 'dario-nb' });
      const { object } = await stage.running('dario-nb');
      const digest = textAt(statusOf(object, NOTEBOOK), 'imageID').split('@')[1] ?? '';
      await stage.lab({ image: `${stage.image('w_2077_40')}@${digest}` });
      await stage.running();
    },
  },
  {
    name: 'image-always-pulled',
    kind: 'healthy',
    story: 'The policy asks the registry each time, though the node has the image.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ name: 'dario-nb' });
      await stage.running('dario-nb');
      await stage.lab({ notebook: { imagePullPolicy: 'Always' } });
      await stage.running();
    },
  },
  {
    name: 'pull-secret',
    kind: 'healthy',
    story: 'A guarded registry and the right credentials.',
    evidence: 'nobody',
    run: async (stage) => {
      await stage.create('secrets', pullSecret(stage, stage.node.registries.credentials));
      const image = stage.image('w_2077_40', stage.node.registries.guarded);
      await stage.lab({ image, spec: withPullSecret });
      await stage.running();
    },
  },
  {
    name: 'pull-secret-missing-not-needed',
    kind: 'healthy',
    story: 'The named pull secret does not exist: a warning, and the public image is pulled all the same.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ spec: withPullSecret });
      await stage.event('FailedToRetrieveImagePullSecret');
      await stage.running();
    },
  },
  {
    name: 'pull-secret-late',
    kind: 'healthy',
    story: 'The first pull is denied; the secret comes, and the next try succeeds.',
    evidence: 'kubelet',
    run: async (stage) => {
      const image = stage.image('w_2077_40', stage.node.registries.guarded);
      await stage.lab({ image, notebook: { imagePullPolicy: 'Always' }, spec: withPullSecret });
      await stage.waiting('ErrImagePull');
      await stage.create('secrets', pullSecret(stage, stage.node.registries.credentials));
      await stage.running();
    },
  },
];
