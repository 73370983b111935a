import type { RecordedCase } from '../case.js';
import { POD, type Stage } from '../stage.js';

const asking = (requests: Record<string, string>, limits = requests): object => ({
  notebook: { resources: { requests, limits } },
});

const claim = (name: string, more: object = {}): object => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, ...more },
});

const mounting = (claimName: string): object => ({
  notebook: { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
  spec: { volumes: [{ name: 'scratch', persistentVolumeClaim: { claimName } }] },
});

const cordon = (stage: Stage, isOn: boolean): Promise<unknown> =>
  stage.api.patch(`/api/v1/nodes/${stage.node.nodeName}`, [
    { op: 'add', path: '/spec/unschedulable', value: isOn },
  ]);

const CLASSES = '/apis/storage.k8s.io/v1/storageclasses';
const PRIORITIES = '/apis/scheduling.k8s.io/v1/priorityclasses';

async function makePriorities(stage: Stage): Promise<void> {
  await stage.api.make(PRIORITIES, { metadata: { name: 'lab-low' }, value: 10 });
  await stage.api.make(PRIORITIES, { metadata: { name: 'lab-high' }, value: 1000 });
  stage.later(() => stage.api.remove(`${PRIORITIES}/lab-low`));
  stage.later(() => stage.api.remove(`${PRIORITIES}/lab-high`));
}

/** More than half of the node's processors: two of these never fit. */
async function mostOfTheNode(stage: Stage): Promise<Record<string, string>> {
  const { body } = await stage.api.get<{ status: { allocatable: { cpu: string } } }>(
    `/api/v1/nodes/${stage.node.nodeName}`,
  );
  return { cpu: `${Number(body.status.allocatable.cpu) * 600}m`, memory: '16Mi' };
}

async function laterVolume(stage: Stage, storageClassName: string): Promise<void> {
  const name = `pv-${stage.namespace}`;
  await stage.api.make('/api/v1/persistentvolumes', {
    metadata: { name },
    spec: {
      capacity: { storage: '1Mi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName,
      hostPath: { path: '/home', type: 'Directory' },
    },
  });
  stage.later(() => stage.api.remove(`/api/v1/persistentvolumes/${name}`));
}

export const schedulerCases: readonly RecordedCase[] = [
  {
    name: 'unschedulable-memory',
    kind: 'failing',
    story: 'The lab asks for more memory than any node has.',
    evidence: 'scheduler',
    run: async (stage) => {
      await stage.lab(asking({ memory: '4Ti', cpu: '10m' }));
      await stage.unscheduled('Insufficient memory');
      await stage.event('FailedScheduling');
    },
  },
  {
    name: 'unschedulable-cpu',
    kind: 'failing',
    story: 'The lab asks for more processors than any node has.',
    evidence: 'scheduler',
    run: async (stage) => {
      await stage.lab(asking({ cpu: '500', memory: '16Mi' }));
      await stage.unscheduled('Insufficient cpu');
      await stage.event('FailedScheduling');
    },
  },
  {
    name: 'unschedulable-gpu',
    kind: 'failing',
    story: 'The lab asks for a device that no node offers.',
    evidence: 'scheduler',
    run: async (stage) => {
      await stage.lab(asking({ 'nvidia.com/gpu': '1', cpu: '10m', memory: '16Mi' }));
      await stage.unscheduled('Insufficient nvidia.com/gpu');
      await stage.event('FailedScheduling');
    },
  },
  {
    name: 'unschedulable-selector',
    kind: 'failing',
    story: 'The configured node selector matches no node.',
    evidence: 'scheduler',
    run: async (stage) => {
      await stage.lab({ spec: { nodeSelector: { disktype: 'ssd' } } });
      await stage.unscheduled("didn't match Pod's node affinity/selector");
      await stage.event('FailedScheduling');
    },
  },
  {
    name: 'unschedulable-taint',
    kind: 'failing',
    story: 'All nodes carry a taint that labs do not tolerate.',
    evidence: 'scheduler',
    isAlone: true,
    run: async (stage) => {
      const path = `/api/v1/nodes/${stage.node.nodeName}`;
      const taint = { key: 'dedicated', value: 'batch', effect: 'NoSchedule' };
      await stage.api.patch(path, [{ op: 'add', path: '/spec/taints', value: [taint] }]);
      stage.later(() => stage.api.patch(path, [{ op: 'remove', path: '/spec/taints' }]));
      await stage.lab();
      await stage.unscheduled('untolerated taint');
      await stage.event('FailedScheduling');
    },
  },
  {
    name: 'unschedulable-cordoned',
    kind: 'failing',
    story: 'All nodes are cordoned.',
    evidence: 'scheduler',
    isAlone: true,
    run: async (stage) => {
      await cordon(stage, true);
      stage.later(() => cordon(stage, false));
      await stage.lab();
      await stage.unscheduled('unschedulable');
      await stage.event('FailedScheduling');
    },
  },
  {
    name: 'preempted',
    kind: 'failing',
    story: 'The lab runs, and a pod of higher priority takes its place.',
    evidence: 'scheduler',
    isAlone: true,
    run: async (stage) => {
      await makePriorities(stage);
      const requests = await mostOfTheNode(stage);
      await stage.lab({ ...asking(requests), spec: { priorityClassName: 'lab-low' } });
      await stage.running();
      await stage.lab({ ...asking(requests), name: 'batch', spec: { priorityClassName: 'lab-high' } });
      await stage.event('Preempted');
      await stage.running('batch');
    },
  },
  {
    name: 'claim-missing',
    kind: 'failing',
    story: 'The lab mounts a claim that does not exist.',
    evidence: 'scheduler',
    run: async (stage) => {
      await stage.lab(mounting('rachel-nb-pvc-scratch'));
      await stage.unscheduled('not found');
      await stage.event('FailedScheduling');
    },
  },
  {
    name: 'claim-unbound',
    kind: 'failing',
    story: 'The claim names no class, the cluster has no default, and there is no volume for it.',
    evidence: 'controller-manager',
    run: async (stage) => {
      await stage.create('persistentvolumeclaims', claim('scratch'));
      await stage.lab(mounting('scratch'));
      await stage.unscheduled('unbound immediate PersistentVolumeClaims');
      await stage.event('FailedBinding');
    },
  },
  {
    name: 'claim-class-missing',
    kind: 'failing',
    story: 'The claim names a storage class that does not exist.',
    evidence: 'controller-manager',
    run: async (stage) => {
      await stage.create('persistentvolumeclaims', claim('scratch', { storageClassName: 'fast' }));
      await stage.lab(mounting('scratch'));
      await stage.unscheduled('unbound immediate PersistentVolumeClaims');
      await stage.event('ProvisioningFailed');
    },
  },
  {
    name: 'claim-provisioner-silent',
    kind: 'failing',
    story: 'The claim waits for a provisioner that does not run.',
    evidence: 'controller-manager',
    run: async (stage) => {
      const name = `silent-${stage.namespace}`;
      await stage.api.make(CLASSES, { metadata: { name }, provisioner: 'nobody.example.org/disks' });
      stage.later(() => stage.api.remove(`${CLASSES}/${name}`));
      await stage.create('persistentvolumeclaims', claim('scratch', { storageClassName: name }));
      await stage.lab(mounting('scratch'));
      await stage.unscheduled('unbound immediate PersistentVolumeClaims');
      await stage.event('ExternalProvisioning');
    },
  },
  {
    name: 'gated',
    kind: 'failing',
    story: 'A webhook put a scheduling gate on the lab, and nobody takes it off.',
    evidence: 'scheduler',
    run: async (stage) => {
      await stage.lab({ spec: { schedulingGates: [{ name: 'example.org/quota' }] } });
      await stage.unscheduled('Scheduling is blocked');
    },
  },
  {
    name: 'gate-opened',
    kind: 'healthy',
    story: 'A scheduling gate holds the lab for five seconds.',
    evidence: 'scheduler',
    run: async (stage) => {
      await stage.lab({ spec: { schedulingGates: [{ name: 'example.org/quota' }] } });
      await stage.unscheduled('Scheduling is blocked');
      await stage.pause(5);
      await stage.api.patch(`/api/v1/namespaces/${stage.namespace}/pods/${POD}`, [
        { op: 'remove', path: '/spec/schedulingGates' },
      ]);
      await stage.running();
    },
  },
  {
    name: 'claim-bound-late',
    kind: 'healthy',
    story: 'The volume of the claim comes five seconds after the pod.',
    evidence: 'scheduler',
    run: async (stage) => {
      const storageClassName = `late-${stage.namespace}`;
      await stage.create('persistentvolumeclaims', claim('scratch', { storageClassName }));
      await stage.lab(mounting('scratch'));
      await stage.unscheduled('unbound immediate PersistentVolumeClaims');
      await stage.pause(5);
      await laterVolume(stage, storageClassName);
      await stage.running();
    },
  },
  {
    name: 'claim-first-consumer',
    kind: 'healthy',
    story: 'The claim is bound only once a pod asks for it, as the storage class says.',
    evidence: 'controller-manager',
    run: async (stage) => {
      const name = `consumer-${stage.namespace}`;
      const provisioner = 'kubernetes.io/no-provisioner';
      await stage.api.make(CLASSES, {
        metadata: { name },
        provisioner,
        volumeBindingMode: 'WaitForFirstConsumer',
      });
      stage.later(() => stage.api.remove(`${CLASSES}/${name}`));
      await laterVolume(stage, name);
      await stage.create('persistentvolumeclaims', claim('scratch', { storageClassName: name }));
      await stage.event('WaitForFirstConsumer');
      await stage.lab(mounting('scratch'));
      await stage.running();
    },
  },
  {
    name: 'uncordoned',
    kind: 'healthy',
    story: 'All nodes are cordoned when the lab comes, and one is free again after five seconds.',
    evidence: 'scheduler',
    isAlone: true,
    run: async (stage) => {
      await cordon(stage, true);
      stage.later(() => cordon(stage, false));
      await stage.lab();
      await stage.unscheduled('unschedulable');
      await stage.pause(5);
      await cordon(stage, false);
      await stage.running();
    },
  },
  {
    name: 'room-made',
    kind: 'healthy',
    story: 'The node is full until another lab leaves.',
    evidence: 'scheduler',
    isAlone: true,
    run: async (stage) => {
      const requests = await mostOfTheNode(stage);
      await stage.lab({ ...asking(requests), name: 'dario-nb' });
      await stage.running('dario-nb');
      await stage.lab(asking(requests));
      await stage.unscheduled('Insufficient cpu');
      await stage.pause(3);
      await stage.remove('pods', 'dario-nb');
      await stage.running();
    },
  },
  {
    name: 'preempting',
    kind: 'healthy',
    story: 'The node is full of less important pods: the lab waits until one of them has made room.',
    evidence: 'scheduler',
    isAlone: true,
    run: async (stage) => {
      await makePriorities(stage);
      const requests = await mostOfTheNode(stage);
      await stage.lab({ ...asking(requests), name: 'batch', spec: { priorityClassName: 'lab-low' } });
      await stage.running('batch');
      await stage.lab({ ...asking(requests), spec: { priorityClassName: 'lab-high' } });
      await stage.running();
    },
  },
];
