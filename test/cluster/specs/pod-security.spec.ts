import { afterAll, expect, it } from 'vitest';
import { buildLabObjects } from '../../../src/labs/objects/index.js';
import { aBuildInput, someSettings } from '../../gen/index.js';
import type { ConfigPiece } from '../../gen/settings.gen.js';
import { Api, type Refusal, type Thing } from '../support/api.js';
import { freshNamespace } from '../support/namespaces.js';
import { describeReal } from '../support/shared-cluster.js';

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const LEVELS = ['privileged', 'baseline', 'restricted'];

const volume = (source: ConfigPiece): ConfigPiece => ({ volumes: [{ name: 'home', source }] });
const claim = volume({
  type: 'persistentVolumeClaim',
  accessModes: ['ReadWriteMany'],
  storageClassName: 'shared',
  resources: { requests: { storage: '1Gi' } },
});
const init = (privileged: boolean): ConfigPiece => ({
  initContainers: [
    { name: 'setup', image: { repository: 'registry.example.org/setup', tag: '1' }, privileged },
  ],
});

describeReal('Pod Security of a real API server', (cluster) => {
  const api = new Api(cluster);
  afterAll(() => api.close());

  /**
   * @promise nobody gets in
   * @fault a configuration of volumes and init containers, from the plainest to the most privileged
   * @outcome the namespace has the strictest Pod Security level under which the real API server takes the pod
   */
  it.each<[string, string, ConfigPiece]>([
    ['homes on claims', 'restricted', claim],
    ['homes on claims and a plain init container', 'restricted', { ...claim, ...init(false) }],
    ['homes on NFS', 'baseline', {}],
    ['homes in a folder of the node', 'privileged', volume({ type: 'hostPath', path: '/home' })],
    ['an init container that makes homes as root', 'privileged', { ...claim, standardInithome: true }],
    ['a privileged init container', 'privileged', { ...claim, ...init(true) }],
  ])('takes the lab of a configuration with %s at the level %s, and at no stricter one', async (...row) => {
    const [, level, lab] = row;
    // A prefix of its own for each row: all labs are rachel's.
    const namespacePrefix = await freshNamespace(api, 'security');
    const input = aBuildInput({ settings: someSettings({ lab: { ...lab, namespacePrefix } }) });
    const [namespace, account, pod] = ['Namespace', 'ServiceAccount', 'Pod'].map(
      (wanted) => buildLabObjects(input).find(({ kind }) => kind.kind === wanted)?.object ?? {},
    ) as [Thing & { metadata: { labels: Record<string, string> } }, object, object];

    await api.make('/api/v1/namespaces', namespace);
    const path = `/api/v1/namespaces/${namespace.metadata.name}`;
    await api.create(`${path}/serviceaccounts`, account);

    expect(namespace.metadata.labels[ENFORCE]).toBe(level);
    const { status, body, warnings } = await api.create<Refusal>(`${path}/pods?dryRun=All`, pod);
    expect(status, body.message).toBe(201);
    expect(warnings).toEqual([]);
    const stricter = LEVELS[LEVELS.indexOf(level) + 1];
    if (stricter === undefined) return;
    await api.patch(path, [
      { op: 'replace', path: '/metadata/labels/pod-security.kubernetes.io~1enforce', value: stricter },
    ]);
    // The admission plugin learns of the level from a cache.
    const refusal = async (): Promise<string | undefined> =>
      (await api.create<Refusal>(`${path}/pods?dryRun=All`, pod)).body.message;
    await expect.poll(refusal, { timeout: 10_000 }).toContain(`violates PodSecurity "${stricter}:latest"`);
  });
});
