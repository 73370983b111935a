import type { RecordedCase } from '../case.js';
import { RESTRICTED, type Stage } from '../stage.js';
import { interpose } from '../webhook.js';

const quota = (hard: Record<string, string>): object => ({ metadata: { name: 'rachel-nb' }, spec: { hard } });

const label = (stage: Stage, name: string, value: string): Promise<unknown> =>
  stage.api.patch(`/api/v1/namespaces/${stage.namespace}`, [
    { op: 'add', path: `/metadata/labels/${name.replace('/', '~1')}`, value },
  ]);

/** A quota counts only once its controller has looked at it. */
async function makeQuota(stage: Stage, hard: Record<string, string>): Promise<void> {
  await stage.create('resourcequotas', quota(hard));
  const path = `/api/v1/namespaces/${stage.namespace}/resourcequotas/rachel-nb`;
  await stage.api.eventually<{ status?: { hard?: object } }>(
    path,
    ({ body }) => body.status?.hard !== undefined,
  );
}

const POLICIES = '/apis/admissionregistration.k8s.io/v1';

async function forbidTags(stage: Stage): Promise<void> {
  const name = `tags.${stage.namespace}.example.org`;
  await stage.api.make(`${POLICIES}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      validations: [
        {
          expression: "object.spec.containers.all(each, each.image.contains('@sha256:'))",
          message: 'images must be named by digest',
        },
      ],
    },
  });
  await stage.api.make(`${POLICIES}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stage.namespace } },
      },
    },
  });
  stage.later(() => stage.api.remove(`${POLICIES}/validatingadmissionpolicies/${name}`));
  stage.later(() => stage.api.remove(`${POLICIES}/validatingadmissionpolicybindings/${name}`));
}

/** Tries until the rule that is being put in force refuses; an accepted pod is taken away again. */
async function untilRefused(stage: Stage, part: string): Promise<void> {
  while ((await stage.lab()) < 300) {
    await stage.remove('pods', 'rachel-nb', { gracePeriodSeconds: 0 });
    await stage.pause(0.5);
  }
  await stage.refused(part);
}

export const admissionCases: readonly RecordedCase[] = [
  {
    name: 'quota-exceeded',
    kind: 'failing',
    story: "The user's quota leaves less memory than the lab's limit.",
    evidence: 'api-server',
    run: async (stage) => {
      await makeQuota(stage, { 'limits.memory': '32Mi' });
      await stage.lab();
      await stage.refused('exceeded quota');
    },
  },
  {
    name: 'quota-needs-requests',
    kind: 'failing',
    story: 'The quota counts a resource for which the lab names no limit.',
    evidence: 'api-server',
    run: async (stage) => {
      await makeQuota(stage, { 'limits.memory': '1Gi' });
      await stage.lab({ notebook: { resources: { requests: { cpu: '10m' } } } });
      await stage.refused('must specify limits.memory');
    },
  },
  {
    name: 'limit-range-violated',
    kind: 'failing',
    story: "The namespace's limit range allows less than the lab's size.",
    evidence: 'api-server',
    run: async (stage) => {
      await stage.create('limitranges', {
        metadata: { name: 'small' },
        spec: { limits: [{ type: 'Container', max: { memory: '32Mi' } }] },
      });
      await stage.pause(1);
      await untilRefused(stage, 'maximum memory usage per Container');
    },
  },
  {
    name: 'pod-security-refused',
    kind: 'failing',
    story: 'The namespace enforces the restricted profile, and an init container is privileged.',
    evidence: 'api-server',
    run: async (stage) => {
      await label(stage, 'pod-security.kubernetes.io/enforce', 'restricted');
      await stage.lab({
        spec: {
          initContainers: [
            { name: 'inithome', image: stage.image('w_2077_44'), securityContext: { privileged: true } },
          ],
        },
      });
      await stage.refused('violates PodSecurity');
    },
  },
  {
    name: 'priority-class-missing',
    kind: 'failing',
    story: 'The lab names a priority class that does not exist.',
    evidence: 'api-server',
    run: async (stage) => {
      await stage.lab({ spec: { priorityClassName: 'labs' } });
      await stage.refused('no PriorityClass');
    },
  },
  {
    name: 'runtime-class-missing',
    kind: 'failing',
    story: 'The lab names a runtime class that does not exist.',
    evidence: 'api-server',
    run: async (stage) => {
      await stage.lab({ spec: { runtimeClassName: 'gvisor' } });
      await stage.refused('RuntimeClass "gvisor" not found');
    },
  },
  {
    name: 'service-account-missing',
    kind: 'failing',
    story: 'The lab names a service account that does not exist.',
    evidence: 'api-server',
    run: async (stage) => {
      await stage.lab({ spec: { serviceAccountName: 'labs' } });
      await stage.refused('serviceaccount "labs" not found');
    },
  },
  {
    name: 'namespace-terminating',
    kind: 'failing',
    story: "The user's namespace is being deleted.",
    evidence: 'api-server',
    run: async (stage) => {
      await stage.create('configmaps', { metadata: { name: 'held', finalizers: ['example.org/held'] } });
      await stage.api.remove(`/api/v1/namespaces/${stage.namespace}`);
      await stage.lab();
      await stage.refused('is being terminated');
      const held = `/api/v1/namespaces/${stage.namespace}/configmaps/held`;
      await stage.api.patch(held, [{ op: 'remove', path: '/metadata/finalizers' }]);
    },
  },
  {
    name: 'policy-denied',
    kind: 'failing',
    story: 'A ValidatingAdmissionPolicy of the cluster refuses images without a digest.',
    evidence: 'api-server',
    run: async (stage) => {
      await forbidTags(stage);
      await untilRefused(stage, 'images must be named by digest');
    },
  },
  {
    name: 'webhook-denied',
    kind: 'failing',
    story: 'A validating webhook refuses the pod.',
    evidence: 'webhook',
    run: async (stage) => {
      await interpose(stage, { do: 'deny', message: 'labs are closed on Sundays' });
      await untilRefused(stage, 'labs are closed on Sundays');
    },
  },
  {
    name: 'webhook-unreachable',
    kind: 'failing',
    story: 'Nobody answers where a webhook should be.',
    evidence: 'api-server',
    run: async (stage) => {
      await interpose(stage);
      await untilRefused(stage, 'failed calling webhook');
    },
  },
  {
    name: 'webhook-silent',
    kind: 'failing',
    story: 'A webhook takes the question and never answers.',
    evidence: 'api-server',
    run: async (stage) => {
      await interpose(stage, { do: 'hang' });
      await untilRefused(stage, 'context deadline exceeded');
    },
  },
  {
    name: 'webhook-sidecar',
    kind: 'healthy',
    story: 'A mutating webhook adds a sidecar and a toleration.',
    evidence: 'webhook',
    run: async (stage) => {
      const sidecar = {
        name: 'proxy',
        image: stage.image('w_2077_40'),
        command: ['/bin/sleep', '3600'],
        securityContext: RESTRICTED,
      };
      const patch = [{ op: 'add', path: '/spec/containers/0', value: sidecar }];
      await interpose(stage, { do: 'patch', patch });
      await stage.lab();
      await stage.running();
    },
  },
  {
    name: 'quota-raised',
    kind: 'healthy',
    story: 'The first pod is refused by the quota; an administrator raises it, and the second comes to run.',
    evidence: 'api-server',
    run: async (stage) => {
      await makeQuota(stage, { 'limits.memory': '32Mi' });
      await stage.lab();
      await stage.refused('exceeded quota');
      await stage.api.patch(`/api/v1/namespaces/${stage.namespace}/resourcequotas/rachel-nb`, [
        { op: 'replace', path: '/spec/hard/limits.memory', value: '1Gi' },
      ]);
      while ((await stage.lab()) >= 300) await stage.pause(0.5);
      await stage.running();
    },
  },
];
