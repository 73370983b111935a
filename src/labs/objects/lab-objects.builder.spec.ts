import { describe, expect, it } from 'vitest';

import { aBuildInput, aLab, aRequest, rachelsLab, someSettings } from '../../../test/gen/index.js';
import { expectGolden } from '../../../test/support/golden.js';
import { bytes, milliCpu } from '../../common/units.js';
import { buildLabObjects } from './index.js';
import type { LabBuildInput, LabObject } from './index.js';

const listed = (objects: readonly LabObject[]): string[] =>
  objects.map(({ kind, ref }) => `${kind.kind} ${ref.namespace ?? '-'}/${ref.name}`);

/** The objects of these kinds, as golden files hold them. */
function only(input: LabBuildInput, ...kinds: string[]): unknown[] {
  return buildLabObjects(input)
    .filter(({ kind }) => kinds.includes(kind.kind))
    .map(({ object }) => object);
}

/** The pod's spec as plain JSON, to pick from. */
function podSpec(input: LabBuildInput): PodSpec {
  const pod = only(input, 'Pod')[0] as { readonly spec: PodSpec };
  return JSON.parse(JSON.stringify(pod.spec)) as PodSpec;
}

interface Named {
  readonly name: string;
  readonly [field: string]: unknown;
}
interface Container extends Named {
  readonly env: readonly Named[];
  readonly volumeMounts: readonly Named[];
}
interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly volumes: readonly Named[];
  readonly [field: string]: unknown;
}

const named = <T extends Named>(items: readonly T[], ...names: string[]): T[] =>
  items.filter(({ name }) => names.includes(name));

const inLab = (lab: object): LabBuildInput => aBuildInput({ settings: someSettings({ lab }) });
const inBerth = (berth: object): LabBuildInput => aBuildInput({ settings: someSettings({ berth }) });

describe('buildLabObjects', () => {
  it("builds rachel's small lab", () => {
    expectGolden(
      'labs/rachel-small',
      buildLabObjects(rachelsLab()).map(({ object }) => object),
    );
  });

  it('puts the objects into the order of the contract', () => {
    expect(listed(buildLabObjects(rachelsLab()))).toEqual([
      'Namespace -/userlabs-rachel',
      'ServiceAccount userlabs-rachel/default',
      'PersistentVolumeClaim userlabs-rachel/rachel-nb-pvc-scratch',
      'PersistentVolumeClaim userlabs-rachel/rachel-nb-pvc-temporary',
      'ConfigMap userlabs-rachel/rachel-nb-env',
      'ConfigMap userlabs-rachel/rachel-nb-nss',
      'ConfigMap userlabs-rachel/rachel-nb-files',
      'Secret userlabs-rachel/rachel-nb',
      'Secret userlabs-rachel/pull-secret',
      'ResourceQuota userlabs-rachel/rachel-nb',
      'NetworkPolicy userlabs-rachel/rachel-nb',
      'Service userlabs-rachel/lab',
      'Pod userlabs-rachel/rachel-nb',
    ]);
  });

  it('builds a lab whose home follows another scheme', () => {
    const input = inLab({
      homedirPrefix: '/u/home/',
      homedirSchema: 'initialThenUsername',
      homedirSuffix: '/jhome/',
    });

    expectGolden(
      'labs/homedir',
      buildLabObjects(input).map(({ object }) => object),
    );
  });

  it('builds the same objects again', () => {
    expect(buildLabObjects(rachelsLab())).toEqual(buildLabObjects(rachelsLab()));
  });

  it('bounds a user with a quota, and nobody else', () => {
    const quota = { cpu: milliCpu(9000), memory: bytes(27 * 1024 ** 3) };

    expectGolden('labs/quota', only(aBuildInput({ lab: aLab({ quota }) }), 'ResourceQuota'));
    expect(only(aBuildInput({ lab: aLab({ quota: null }) }), 'ResourceQuota')).toEqual([]);
  });

  it('copies the pull secret and has the pod use it', () => {
    const pull = {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'eyJhdXRocyI6e319' },
    };
    const input = { ...inLab({ pullSecret: 'registry-pull' }), secrets: new Map([['registry-pull', pull]]) };
    const secret = buildLabObjects(input).find(({ ref }) => ref.name === 'pull-secret')?.object;

    expectGolden('labs/pull-secret', { secret, imagePullSecrets: podSpec(input).imagePullSecrets });
    expect(podSpec(aBuildInput())).not.toHaveProperty('imagePullSecrets');
  });

  it('puts /tmp on disk', () => {
    const volumes = (emptyDirSource: string) =>
      named(podSpec(inLab({ emptyDirSource })).volumes, 'tmp', 'lab-startup');

    expectGolden('labs/tmp-on-disk', volumes('disk'));
    expect(volumes('memory')[0]).toEqual({
      name: 'tmp',
      emptyDir: { medium: 'Memory', sizeLimit: '805306368' },
    });
  });

  it('asks the port whether the lab is ready', () => {
    const { readinessProbe } = podSpec(inBerth({ readiness: 'tcp' })).containers[0]!;

    expectGolden('labs/readiness-tcp', readinessProbe);
    expect(podSpec(inBerth({ readiness: 'off' })).containers[0]).not.toHaveProperty('readinessProbe');
  });

  it('makes the default service account, or leaves it to the cluster', () => {
    const wait = inBerth({ defaultServiceAccount: 'wait' });

    expectGolden('labs/service-account', only(aBuildInput(), 'ServiceAccount'));
    expectGolden('labs/service-account-wait', listed(buildLabObjects(wait)));
  });

  it('keeps secret variables in the Secret and shows them where they always were', () => {
    const input = aBuildInput({
      lab: aLab({ options: { enableDebug: true, resetUserEnv: true } }),
      request: aRequest({ env: { JPY_API_TOKEN: 'hub', db_password: '', ACCESS_TOKEN: 'not this one' } }),
    });
    const { containers, initContainers, volumes } = podSpec(input);

    expectGolden('labs/secret-environment', {
      objects: only(input, 'ConfigMap', 'Secret').slice(0, 1).concat(only(input, 'Secret')),
      env: Object.fromEntries([...initContainers, ...containers].map(({ name, env }) => [name, env])),
      volumes: named(volumes, 'env', 'secrets'),
    });
  });

  it('needs no projection without secret variables', () => {
    expect(named(podSpec(aBuildInput()).volumes, 'env', 'secrets')).toEqual([
      { name: 'secrets', secret: { secretName: 'rachel-nb' } },
      { name: 'env', configMap: { name: 'rachel-nb-env' } },
    ]);
  });

  it('runs the standard init containers that the configuration asks for', () => {
    const input = inLab({ standardInithome: true, env: { RSP_SITE_TYPE: 'science' } });

    expectGolden('labs/standard-init-containers', podSpec(input).initContainers);
  });

  it('keeps the pod valid when names of files and volumes clash', () => {
    const source = { type: 'hostPath', path: '/srv' };
    const input = inLab({
      volumes: ['home', 'tmp', 'env', 'notes-md'].map((name) => ({ name, source })),
      volumeMounts: ['home', 'tmp', 'env', 'notes-md'].map((volumeName) => ({
        volumeName,
        containerPath: `/mnt/${volumeName}`,
      })),
      files: {
        '/a/notes.md': 'one',
        '/b/notes_md': 'two',
        '/c/README.md': 'three',
        '/d/passwd': 'four',
        '/e/two words': 'five',
        '/f/discovery.v1.json': 'six',
        '/g/plain.txt': 'seven',
        '/h/..': 'eight',
      },
    });
    const { volumes, containers } = podSpec(input);
    const files = buildLabObjects(input).find(({ ref }) => ref.name === 'rachel-nb-files')?.object;

    expectGolden('labs/clashing-names', { files, volumes, volumeMounts: containers[0]!.volumeMounts });
    expect(new Set(volumes.map(({ name }) => name)).size).toBe(volumes.length);
    expect(volumes.every(({ name }) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))).toBe(true);
  });

  it('claims every volume that the pod names, mounted or not', () => {
    const source = {
      type: 'persistentVolumeClaim',
      accessModes: ['ReadWriteMany'],
      storageClassName: 'fast',
      resources: { requests: { storage: 10_737_418_240 } },
    };
    const input = inLab({
      volumes: [
        { name: 'home', source: { type: 'hostPath', path: '/h' } },
        { name: 'spare', source },
      ],
    });

    expectGolden('labs/unmounted-claim', only(input, 'PersistentVolumeClaim'));
    expect(named(podSpec(input).volumes, 'spare')).toEqual([
      { name: 'spare', persistentVolumeClaim: { claimName: 'rachel-nb-pvc-spare', readOnly: false } },
    ]);
  });

  it('slugs a user whose name no object could have, and keeps the name', () => {
    const input = aBuildInput({ lab: aLab({ owner: { username: 'Rachel.Chen@example.org' } }) });

    expectGolden('labs/slugged-user', {
      objects: listed(buildLabObjects(input)),
      namespace: only(input, 'Namespace'),
    });
  });

  it("doesn't let the configuration forge the marks of ownership", () => {
    const forged = { 'berth.dev/instance': 'somebody-else', 'example.org/owner': '{{uid}}:{{gid}}:{{uid}}' };
    const [namespace] = only(inLab({ namespaceAnnotations: forged }), 'Namespace');

    expect(namespace).toHaveProperty(['metadata', 'annotations', 'berth.dev/instance'], 'nublado');
    expect(namespace).toHaveProperty(['metadata', 'annotations', 'example.org/owner'], '1101:1101:1101');
  });

  it.each(['{{uid}}/{{gid}}', '{{ uid }}/{{ gid }}', '{{uid }}/{{\tgid}}'])(
    'fills in the annotation %j',
    (template) => {
      const namespaceAnnotations = { 'example.org/ids': template };
      const [namespace] = only(inLab({ namespaceAnnotations }), 'Namespace');

      expect(namespace).toHaveProperty(['metadata', 'annotations', 'example.org/ids'], '1101/1101');
    },
  );

  it('refuses to build without a secret or key that the configuration names', () => {
    const input = inLab({ secrets: [{ secretName: 'db', secretKey: 'url', env: 'DB_URL' }] });
    const withSecret = (data: Record<string, string>) => ({ ...input, secrets: new Map([['db', { data }]]) });

    expect(() => buildLabObjects(input)).toThrow('Secret db, named by the configuration, does not exist');
    expect(() => buildLabObjects(withSecret({}))).toThrow('has no key url');
    expect(() => buildLabObjects(inLab({ pullSecret: 'pull' }))).toThrow('Secret pull, named by');
    expect(buildLabObjects(withSecret({ url: '' })).length).toBeGreaterThan(0);
  });
});

describe('marks on the objects of a lab', () => {
  const operation = 'berth.dev/operation';
  const intents = (input: LabBuildInput) =>
    buildLabObjects(input).map(({ object }) => object.metadata?.annotations?.['berth.dev/intent']);

  it('name the operation on everything, and the intent on all but the namespace', () => {
    const [namespace, ...inside] = buildLabObjects(rachelsLab());

    expect(namespace?.object.metadata?.annotations).toMatchObject({
      'berth.dev/instance': 'nublado',
      'berth.dev/lab-uid': '6f0c1c2e-9a52-4a4e-8f0e-3b1d8a3f5c01',
      [operation]: 'abcdefghij',
    });
    for (const { object } of inside) {
      expect(object.metadata?.labels?.[operation]).toBe('abcdefghij');
      expect(object.metadata?.annotations?.['berth.dev/intent']).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('change with the object and not with the value of a secret', () => {
    const before = intents(aBuildInput());
    const otherToken = intents(aBuildInput({ request: aRequest({ token: 'another' }) }));
    const larger = intents(aBuildInput({ lab: aLab({ size: 'large' }) }));

    expect(otherToken).toEqual(before);
    expect(larger.map((intent, index) => intent === before[index])).toEqual([
      true,
      true,
      false,
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});
