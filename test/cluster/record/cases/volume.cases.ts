import { textAt, type Fields } from '../../../conformance/json.js';
import { ODD_TAGS } from '../../harness/index.js';
import type { RecordedCase } from '../case.js';
import { type LabParts } from '../stage.js';

const mounting = (volume: Fields, mount: Fields = {}): LabParts => ({
  notebook: { volumeMounts: [{ name: 'scratch', mountPath: '/scratch', ...mount }] },
  spec: { volumes: [{ name: 'scratch', ...volume }] },
});

const environment = { envFrom: [{ configMapRef: { name: 'rachel-nb-env' } }] };

const secretKey = {
  env: [{ name: 'ACCESS_TOKEN', valueFrom: { secretKeyRef: { name: 'rachel-nb', key: 'token' } } }],
};

export const volumeCases: readonly RecordedCase[] = [
  {
    name: 'configmap-missing',
    kind: 'failing',
    story: 'The environment comes from a ConfigMap that somebody deleted.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ notebook: environment });
      await stage.waiting('CreateContainerConfigError');
      await stage.event('Failed', 'not found');
    },
  },
  {
    name: 'secret-missing',
    kind: 'failing',
    story: 'A variable comes from a Secret that somebody deleted.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ notebook: secretKey });
      await stage.waiting('CreateContainerConfigError');
      await stage.event('Failed', 'not found');
    },
  },
  {
    name: 'secret-key-missing',
    kind: 'failing',
    story: 'The Secret exists and lacks the key.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.create('secrets', { metadata: { name: 'rachel-nb' }, stringData: { other: 'x' } });
      await stage.lab({ notebook: secretKey });
      await stage.waiting('CreateContainerConfigError');
      await stage.event('Failed', "couldn't find key");
    },
  },
  {
    name: 'volume-configmap-missing',
    kind: 'failing',
    story: 'A mounted ConfigMap does not exist: the pod stays in ContainerCreating.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(mounting({ configMap: { name: 'rachel-nb-files' } }));
      await stage.event('FailedMount', 'not found');
    },
  },
  {
    name: 'volume-host-path-missing',
    kind: 'failing',
    story: 'The node lacks the folder that the configuration mounts from it.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(mounting({ hostPath: { path: '/srv/data', type: 'Directory' } }));
      await stage.event('FailedMount', 'hostPath type check failed');
    },
  },
  {
    name: 'volume-nfs-unreachable',
    kind: 'failing',
    story: 'The file server of the homes is not reached, or the node has no NFS.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(mounting({ nfs: { server: '10.20.77.7', path: '/home' } }));
      await stage.event('FailedMount', 'mount failed');
    },
  },
  {
    name: 'volume-driver-missing',
    kind: 'failing',
    story: 'The volume needs a driver that the node does not have.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(mounting({ csi: { driver: 'disks.example.org' } }));
      await stage.event('FailedMount', 'not found in the list of registered CSI drivers');
    },
  },
  {
    name: 'volume-sub-path-escapes',
    kind: 'failing',
    story: 'A sub-path leads out of its volume by a link that the user made.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.handle.enter('ln', '-sfn', '/etc', `/home/${stage.namespace}`);
      await stage.lab(mounting({ hostPath: { path: '/home' } }, { subPath: stage.namespace }));
      await stage.waiting('CreateContainerConfigError');
    },
  },
  {
    name: 'evicted-volume-full',
    kind: 'failing',
    story: 'The lab fills its scratch space beyond the limit, and its node evicts it.',
    evidence: 'kubelet',
    run: async (stage) => {
      const parts = mounting({ emptyDir: { sizeLimit: '1Mi' } });
      const args = ['/bin/sh', '-c', 'busybox dd if=/dev/zero of=/scratch/big bs=1M count=8; sleep 3600'];
      await stage.lab({ ...parts, notebook: { ...parts.notebook, args } });
      await stage.pod((pod) => textAt(pod, 'status', 'reason') === 'Evicted');
    },
  },
  {
    name: 'configmap-late',
    kind: 'healthy',
    story: 'The ConfigMap of the environment comes five seconds after the pod.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({ notebook: environment });
      await stage.waiting('CreateContainerConfigError');
      await stage.pause(5);
      await stage.create('configmaps', { metadata: { name: 'rachel-nb-env' }, data: { A: 'b' } });
      await stage.running();
    },
  },
  {
    name: 'volume-configmap-late',
    kind: 'healthy',
    story: 'A mounted ConfigMap comes three seconds after the pod.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab(mounting({ configMap: { name: 'rachel-nb-files' } }));
      await stage.event('FailedMount');
      await stage.pause(3);
      await stage.create('configmaps', { metadata: { name: 'rachel-nb-files' }, data: { a: 'b' } });
      await stage.running();
    },
  },
  {
    name: 'volume-host-path-late',
    kind: 'healthy',
    story: 'The folder of the node appears while the pod waits for it, as a mount of the node does.',
    evidence: 'kubelet',
    run: async (stage) => {
      const path = `/home/late-${stage.namespace}`;
      await stage.lab(mounting({ hostPath: { path, type: 'Directory' } }));
      await stage.event('FailedMount');
      await stage.handle.enter('mkdir', path);
      await stage.running();
    },
  },
  {
    name: 'slow-pull-beside-init',
    kind: 'healthy',
    story: 'An init container runs at once, and the large image of the lab is pulled only after it.',
    evidence: 'kubelet',
    run: async (stage) => {
      await stage.lab({
        image: stage.image(ODD_TAGS.large, stage.node.registries.slow),
        notebook: { imagePullPolicy: 'Always' },
        spec: {
          initContainers: [{ name: 'inithome', image: stage.image('w_2077_40'), command: ['/bin/true'] }],
        },
      });
      await stage.event('Pulled');
      await stage.running();
    },
  },
];
