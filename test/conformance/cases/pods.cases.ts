import { group } from '../case.js';
import { asking, pathOf } from '../paths.js';
import { aPod } from '../objects.js';
import { at } from '../json.js';
import type { Trial } from '../trial.js';

const MERGE = { 'content-type': 'application/merge-patch+json' };
const main = (container: object): object => ({
  containers: [{ name: 'main', image: 'a', ...container }],
});
const refused =
  (...specs: readonly object[]) =>
  async (t: Trial): Promise<void> => {
    const pods = pathOf(await t.namespace(), 'pods');
    for (const spec of specs) await t.post(pods, aPod('wrong', spec));
  };

export const pods = group('pods', {
  'a pod gets its defaults': async (t) => {
    await t.post(pathOf(await t.namespace(), 'pods'), aPod('a'));
  },
  'a rich pod gets its defaults': async (t) => {
    const home = await t.namespace();
    const probe = { httpGet: { path: '/health', port: 8888 } };
    await t.post(
      pathOf(home, 'pods'),
      aPod('rich', {
        restartPolicy: 'OnFailure',
        securityContext: { runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        tolerations: [{ key: 'lab', operator: 'Exists' }],
        initContainers: [{ name: 'init', image: 'a:latest', command: ['true'] }],
        containers: [
          {
            name: 'main',
            image: 'registry.example.org/a@sha256:' + '0'.repeat(64),
            env: [
              { name: 'A', value: '' },
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
            ],
            envFrom: [{ configMapRef: { name: 'env' } }],
            ports: [{ name: 'http', containerPort: 8888 }],
            resources: { limits: { cpu: '1.0', memory: '1024Mi' } },
            readinessProbe: probe,
            volumeMounts: [
              { name: 'tmp', mountPath: '/tmp' },
              { name: 'config', mountPath: '/etc/lab', readOnly: true },
            ],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
        volumes: [
          { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
          { name: 'config', configMap: { name: 'config' } },
          { name: 'secret', secret: { secretName: 'secret' } },
          { name: 'home', nfs: { server: 'files.example.org', path: '/home' } },
          { name: 'claim', persistentVolumeClaim: { claimName: 'claim' } },
          {
            name: 'down',
            downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] },
          },
        ],
      }),
    );
  },
  'a pod that mounts its token gets the volume': async (t) => {
    await t.post(pathOf(await t.namespace(), 'pods'), aPod('a', { automountServiceAccountToken: undefined }));
  },
  'a service account that is not there is 403': async (t) => {
    await t.post(pathOf(await t.namespace(), 'pods'), aPod('a', { serviceAccountName: 'ghost' }));
  },
  'a priority class that is not there is 403': async (t) => {
    await t.post(pathOf(await t.namespace(), 'pods'), aPod('a', { priorityClassName: 'ghost' }));
  },
  'a pod needs containers with names and images': refused(
    { containers: [] },
    main({ name: '' }),
    main({ name: 'Bad_Name' }),
    main({ image: '' }),
    {
      containers: [
        { name: 'a', image: 'a' },
        { name: 'a', image: 'b' },
      ],
    },
  ),
  'volumes must be there when they are mounted': refused(
    main({ volumeMounts: [{ name: 'ghost', mountPath: '/x' }] }),
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'a', emptyDir: {} },
      ],
    },
    { volumes: [{ name: 'a', emptyDir: {} }], ...main({ volumeMounts: [{ name: 'a', mountPath: '' }] }) },
  ),
  'resources are checked': refused(
    main({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    main({ resources: { requests: { cpu: '-1' } } }),
  ),
  'an amount that is none is 400': refused(main({ resources: { requests: { cpu: 'much' } } })),
  'ports, policies and variables are checked': refused(
    main({ ports: [{ containerPort: 70000 }] }),
    main({ imagePullPolicy: 'Sometimes' }),
    { restartPolicy: 'Perhaps' },
    { dnsPolicy: 'Perhaps' },
    main({ env: [{ name: '' }] }),
    main({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
  ),
  'a pod is bound once': async (t) => {
    const list = pathOf(await t.namespace(), 'pods');
    await t.make(list, aPod('a'));
    const binding = (name: string): object => ({ metadata: { name: 'a' }, target: { kind: 'Node', name } });
    await t.post(`${list}/a/binding`, binding('conformance-node'));
    await t.askFor(
      (body) => [at(body, 'spec', 'nodeName'), at(body, 'status', 'conditions')],
      'GET',
      `${list}/a`,
    );
    await t.post(`${list}/a/binding`, binding('another'));
    await t.post(`${list}/ghost/binding`, { ...binding('another'), metadata: { name: 'ghost' } });
  },
  'an eviction deletes': async (t) => {
    const list = pathOf(await t.namespace(), 'pods');
    await t.make(list, aPod('a', { nodeName: 'conformance-node' }));
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } };
    await t.post(`${list}/a/eviction`, eviction);
    await t.askFor((body) => at(body, 'metadata', 'deletionGracePeriodSeconds'), 'GET', `${list}/a`);
    await t.post(`${list}/ghost/eviction`, { ...eviction, metadata: { name: 'ghost' } });
  },
  'the status of a pod comes by its own path': async (t) => {
    const list = pathOf(await t.namespace(), 'pods');
    await t.make(list, aPod('a'));
    const status = (body: unknown): unknown => [
      at(body, 'status', 'phase'),
      at(body, 'status', 'podIP'),
      at(body, 'status', 'podIPs'),
      at(body, 'metadata', 'labels'),
      at(body, 'metadata', 'generation'),
    ];
    const body = { metadata: { labels: { a: 'b' } }, status: { phase: 'Running', podIP: '10.1.2.3' } };
    await t.askFor(status, 'PATCH', `${list}/a`, { body: { status: body.status }, headers: MERGE });
    await t.askFor(status, 'PATCH', `${list}/a/status`, { body, headers: MERGE });
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    const condition = (type: string, value: string): object => ({
      status: { conditions: [{ type, status: value }] },
    });
    await t.must('PATCH', `${list}/a/status`, condition('Ready', 'False'), strategic);
    await t.must('PATCH', `${list}/a/status`, condition('Other', 'True'), strategic);
    await t.must('PATCH', `${list}/a/status`, condition('Ready', 'True'), strategic);
    const conditions = (found: unknown): unknown => at(found, 'status', 'conditions');
    await t.askFor(conditions, 'GET', `${list}/a`);
  },
  'a pod bound from the start is Pending': async (t) => {
    const list = pathOf(await t.namespace(), 'pods');
    await t.post(
      asking(list, { dryRun: 'All' }),
      aPod('a', { nodeName: 'conformance-node', hostname: 'lab' }),
    );
  },
});
