import { describe, expect, it } from 'vitest';
import { aConfigText, aFile } from '../../test/gen/config-file.gen.js';
import { checkFiles } from './check.js';

function warnings(text: string): string[] {
  const { problems, warnings: said } = checkFiles(aFile(text));
  expect(problems).toEqual([]);
  return said.map(({ path, message }) => `${path}: ${message}`);
}

const LABEL = 'at most 63 lower-case letters, digits and inner hyphens';
const RENAMED = 'the pod gets another name for it, and a Nublado controller could start no lab';
const LABEL_VALUE = 'the value of a label (at most 63 letters, digits, "-", "_", ".")';
const long = 'a'.repeat(64);
const claim = (requests: string): string =>
  `{name: work, source: {type: persistentVolumeClaim, storageClassName: fast, accessModes: [ReadWriteMany], resources: {requests: ${requests}}}}`;

/** What the schema lets through and Kubernetes does not (contract, appendix C and weak point G5). */
const REFUSED: readonly (readonly [string, readonly string[], string])[] = [
  [
    'seconds without NoExecute',
    ['tolerations: [{operator: Exists, effect: NoSchedule, tolerationSeconds: 5}]'],
    'lab.tolerations.0.tolerationSeconds: is given without effect NoExecute, Kubernetes will refuse it, expected no tolerationSeconds',
  ],
  [
    'the key of a taint',
    ['tolerations: [{operator: Exists, key: a b}]'],
    'lab.tolerations.0.key: Kubernetes will refuse it, expected the key of a taint',
  ],
  [
    'an upper-case file name',
    ['files: {/etc/README: x}'],
    `lab.files."/etc/README": makes a volume named "README", which is none: ${RENAMED}, expected a file name of ${LABEL}`,
  ],
  [
    'two files of one name',
    ['files: {/a/x.y: x, /b/x_y: y}'],
    `lab.files."/b/x_y": makes a second volume named "x-y": ${RENAMED}, expected another file name`,
  ],
  [
    'a file named like a volume of every lab',
    ['files: {/opt/env: x}'],
    `lab.files."/opt/env": makes a second volume named "env": ${RENAMED}, expected another file name`,
  ],
  [
    'a file named like a configured volume',
    ['files: {/opt/home: x}'],
    `lab.files."/opt/home": makes a second volume named "home": ${RENAMED}, expected another file name`,
  ],
  [
    'a place mounted twice',
    ['volumeMounts: [{containerPath: /a, volumeName: home}, {containerPath: /a, volumeName: home}]'],
    'lab.volumeMounts.1.containerPath: is mounted twice, Kubernetes will refuse it, expected another path',
  ],
  [
    'a place of ours',
    ['volumeMounts: [{containerPath: /etc/nublado/startup, volumeName: home}]'],
    'lab.volumeMounts.0.containerPath: is mounted twice, Kubernetes will refuse it, expected another path',
  ],
  [
    'a secret in a place of every lab',
    ['secrets: [{secretName: a, secretKey: k, path: /etc/passwd}]'],
    'lab.secrets.0.path: is mounted twice, Kubernetes will refuse it, expected another path',
  ],
  [
    'a path with a colon',
    ['volumeMounts: [{containerPath: "/a:b", volumeName: home}]'],
    'lab.volumeMounts.0.containerPath: holds a colon, which Kubernetes does not promise to take, expected a path without one',
  ],
  [
    'a subPath that climbs',
    ['volumeMounts: [{containerPath: /a, volumeName: home, subPath: a/../..}]'],
    'lab.volumeMounts.0.subPath: leaves its volume, Kubernetes will refuse it, expected a relative path without ..',
  ],
  [
    'a container of ours',
    ['initContainers: [{name: notebook, image: {repository: r, tag: t}}]'],
    'lab.initContainers.0.name: is the name of a container of ours, Kubernetes may refuse it, expected another name',
  ],
  [
    'a container name',
    ['initContainers: [{name: Init, image: {repository: r, tag: t}}]'],
    `lab.initContainers.0.name: Kubernetes will refuse it, expected ${LABEL}`,
  ],
  [
    'a key of a Secret',
    ['secrets: [{secretName: a, secretKey: a/b}]'],
    'lab.secrets.0.secretKey: Kubernetes will refuse it, expected letters, digits, hyphens, underscores and dots',
  ],
  [
    'the name of a Secret',
    ['pullSecret: Pull_Secret'],
    'lab.pullSecret: Kubernetes will refuse it, expected lower-case letters, digits, hyphens and dots',
  ],
  [
    'a variable name',
    ['env: {"A B": x}'],
    'lab.env."A B": Kubernetes will refuse it, expected a variable name',
  ],
  [
    'a label',
    [`nodeSelector: {a: ${long}}`],
    `lab.nodeSelector.a: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
  ],
  [
    'an annotation',
    ['extraAnnotations: {a b: c}'],
    'lab.extraAnnotations."a b": Kubernetes will refuse it, expected the key of an annotation',
  ],
  [
    'an application',
    ['application: nublado users'],
    `lab.application: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
  ],
  [
    'a topology',
    ["affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: 'a b'}]}}"],
    'lab.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey: Kubernetes will refuse it, expected the key of a label',
  ],
  [
    'the key of a label of pods',
    [
      "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: h, labelSelector: {matchLabels: {'a b': c}}}}]}}",
    ],
    'lab.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.podAffinityTerm.labelSelector.matchLabels."a b": Kubernetes will refuse it, expected the key of a label',
  ],
  [
    'the value of a label of pods',
    [
      "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: h, labelSelector: {matchLabels: {a: 'b c'}}}]}}",
    ],
    `lab.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.labelSelector.matchLabels.a: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
  ],
  [
    'a key that labels of pods are matched by',
    [
      "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: h, labelSelector: {}, matchLabelKeys: ['a b']}]}}",
    ],
    'lab.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.matchLabelKeys.0: Kubernetes will refuse it, expected the key of a label',
  ],
  [
    'the key of a label of nodes',
    [
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: 'a b', operator: Exists}]}]}}}",
    ],
    'lab.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.key: Kubernetes will refuse it, expected the key of a label',
  ],
  [
    'a weight of nodes',
    [
      'affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, preference: {}}]}}',
    ],
    'lab.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.weight: Kubernetes will refuse it, expected a number from 1 to 100',
  ],
  [
    'the value of a label of nodes',
    [
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: ['b c']}]}]}}}",
    ],
    `lab.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.values.0: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
  ],
  [
    'a number that no label can be',
    [
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Gt, values: ['-5']}]}]}}}",
    ],
    `lab.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.values.0: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
  ],
  [
    'another field of nodes than their name',
    [
      'affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: spec.name, operator: In, values: [a]}]}]}}}',
    ],
    'lab.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchFields.0.key: Kubernetes will refuse it, expected metadata.name',
  ],
  [
    'another look at the field of nodes than for equality',
    [
      'affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: Exists}]}]}}}',
    ],
    'lab.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchFields.0.operator: Kubernetes will refuse it, expected In or NotIn',
  ],
  [
    'two names of nodes in one expression, also where they are only preferred',
    [
      'affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchFields: [{key: metadata.name, operator: In, values: [a, b]}]}}]}}',
    ],
    'lab.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.preference.matchFields.0.values: holds several names, Kubernetes will refuse it, expected one in each expression',
  ],
  [
    'the name of a node',
    [
      'affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: NotIn, values: [Node_1]}]}]}}}',
    ],
    'lab.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchFields.0.values.0: Kubernetes will refuse it, expected the name of a node',
  ],
  [
    'the value of a label that pods are matched by',
    [
      "affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: h, labelSelector: {matchExpressions: [{key: a, operator: In, values: ['b c']}]}}}]}}",
    ],
    `lab.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.podAffinityTerm.labelSelector.matchExpressions.0.values.0: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
  ],
  [
    'the value of a label that namespaces are matched by',
    [
      'affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: h, namespaceSelector: {matchExpressions: [{key: a, operator: NotIn, values: [-b]}]}}]}}',
    ],
    `lab.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.namespaceSelector.matchExpressions.0.values.0: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
  ],
  [
    'the name of a namespace of pods',
    [
      'affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: h, namespaces: [Bad_NS]}]}}',
    ],
    'lab.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.namespaces.0: Kubernetes will refuse it, expected the name of a namespace',
  ],
  [
    'keys that labels of pods are matched by without a selector',
    [
      'affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: h, matchLabelKeys: [a]}]}}',
    ],
    'lab.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.matchLabelKeys: has no labelSelector beside it, Kubernetes will refuse it, expected one',
  ],
  [
    'one key that must match and must not',
    [
      'affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: h, labelSelector: {}, matchLabelKeys: [a], mismatchLabelKeys: [a]}]}}',
    ],
    'lab.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.mismatchLabelKeys.0: is one of matchLabelKeys too, Kubernetes will refuse it, expected it once',
  ],
  [
    'files beyond a ConfigMap',
    [`files: {/a: ${'x'.repeat(600_000)}, /b: &b ${'y'.repeat(300_000)}, /c: *b, /d: *b}`],
    'lab.files: together exceed 1 MiB, Kubernetes will refuse it, expected less (a ConfigMap holds no more)',
  ],
];

describe('warnings of checkFiles', () => {
  it.each(REFUSED)('foretell that Kubernetes refuses %s', (_, lines, warning) => {
    expect(warnings(aConfigText(lines))).toEqual([warning]);
  });

  it.each([
    ['/data/', '/data'],
    ['//data', '/data'],
    ['/tmp/', '/tmp'],
    ['/etc/nublado//startup', '/etc/nublado/startup'],
  ])('say that a mount at %s hides another, or is hidden', (path, place) => {
    const mounts = ['/data', path].map((one) => `{containerPath: ${one}, volumeName: home}`).join(', ');

    expect(warnings(aConfigText([`volumeMounts: [${mounts}]`]))).toEqual([
      `lab.volumeMounts.1.containerPath: is mounted twice (as ${place}), one hides the other, expected another path`,
    ]);
  });

  it.each([
    ['{storage: lots}', 'requests.storage: is no quantity above zero'],
    ['{storage: 0}', 'requests.storage: is no quantity above zero'],
    ['{size: 1Gi}', 'requests: lacks storage'],
  ])('foretell the refusal of a claim for %s', (requests, part) => {
    const text = aConfigText().replace('  sizes:', `    - ${claim(requests)}\n  sizes:`);

    expect(warnings(text)).toEqual([expect.stringContaining(`lab.volumes.1.source.resources.${part}`)]);
  });

  it('foretell the refusal of a claim that nobody may mount, and of its class', () => {
    const bad = claim('{storage: 1Gi}').replace('[ReadWriteMany]', '[]').replace('fast', 'Fast');
    const text = aConfigText()
      .replace('  sizes:', `    - ${bad}\n  sizes:`)
      .replace('fsadmin: {}', `fsadmin: {extraVolumes: [${bad.replace('work', 'more')}]}`);
    const refused = (volume: string): string[] => [
      `${volume}.source.storageClassName: Kubernetes will refuse it, expected lower-case letters, digits, hyphens and dots`,
      `${volume}.source.accessModes: is empty, Kubernetes will refuse it, expected one such as ReadWriteMany`,
    ];

    expect(warnings(text)).toEqual([...refused('fsadmin.extraVolumes.0'), ...refused('lab.volumes.1')]);
  });

  it('foretell the refusal of labels of file servers', () => {
    const servers = "{enabled: true, namespace: files, application: 'a b'}";

    expect(warnings(aConfigText([], [`fileserver: ${servers}`]))).toEqual([
      `fileserver.application: Kubernetes will refuse it, expected ${LABEL_VALUE}`,
    ]);
  });

  it.each([
    ['/work', 'is mounted twice, Kubernetes will refuse it, expected another path'],
    ['/work/', 'is mounted twice (as /work), one hides the other, expected another path'],
  ])('foretell what happens to a mount of fsadmin at %s, where labs have one', (path, what) => {
    const text = aConfigText(['volumeMounts: [{containerPath: /work, volumeName: home}]']).replace(
      'fsadmin: {}',
      `fsadmin: {extraVolumeMounts: [{containerPath: ${path}, volumeName: home}]}`,
    );

    expect(warnings(text)).toEqual([`fsadmin.extraVolumeMounts.0.containerPath: ${what}`]);
  });

  it('foretell that no container can have the name of the pod of fsadmin', () => {
    const text = aConfigText().replace('fsadmin: {}', 'fsadmin: {podName: fs.admin}');

    expect(warnings(text)).toEqual([`fsadmin.podName: Kubernetes will refuse it, expected ${LABEL}`]);
  });

  it.each(['1Gi', '10', '1.5Ti'])('are silent about a claim of %s', (storage) => {
    const text = aConfigText().replace('  sizes:', `    - ${claim(`{storage: ${storage}}`)}\n  sizes:`);

    expect(warnings(text)).toEqual([]);
  });

  it('are silent about a claim without a storage class, which is bound to a volume that is there already', () => {
    const unclassed = claim('{storage: 1Gi}').replace('storageClassName: fast', "storageClassName: ''");
    const text = aConfigText().replace('  sizes:', `    - ${unclassed}\n  sizes:`);

    expect(warnings(text)).toEqual([]);
  });

  it('are silent about an init container that mounts what only others have mounts at', () => {
    const mounts = '[{containerPath: /etc/nublado/startup, volumeName: home}]';
    const image = '{repository: registry.example.org/setup, tag: x}';
    const container = `{name: setup, image: ${image}, volumeMounts: ${mounts}}`;

    expect(warnings(aConfigText([`initContainers: [${container}]`]))).toEqual([]);
  });

  it('are silent about labels that are only preferred of nodes, which may have any value', () => {
    const preference = "{matchExpressions: [{key: a, operator: In, values: ['b c']}]}";
    const rules = `{preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: ${preference}}]}`;

    expect(warnings(aConfigText([`affinity: {nodeAffinity: ${rules}}`]))).toEqual([]);
  });

  it('foretell the refusal of volume names that every lab has, or that come twice', () => {
    const volume = (name: string): string => `    - {name: ${name}, source: {type: hostPath, path: /x}}\n`;
    const text = aConfigText().replace(
      '  sizes:',
      `${volume('tmp')}${volume('home')}${volume(long)}  sizes:`,
    );

    expect(warnings(text).map((warning) => warning.replace(/,.*/, ''))).toEqual([
      'lab.volumes.1.name: is the name of a volume of every lab: the pod gets another name for it',
      'lab.volumes.2.name: is the name of two volumes',
      'lab.volumes.3.name: Kubernetes will refuse it',
    ]);
  });

  it('foretell that volumes of fsadmin clash with those of labs, and mounts of nothing', () => {
    const fsadmin =
      'fsadmin: {extraVolumes: [{name: home, source: {type: hostPath, path: /x}}], extraVolumeMounts: [{containerPath: /x, volumeName: gone}]}';

    expect(
      warnings(aConfigText().replace('fsadmin: {}', fsadmin)).map((warning) => warning.replace(/,.*/, '')),
    ).toEqual([
      'fsadmin.extraVolumes.0.name: is the name of two volumes',
      'fsadmin.extraVolumeMounts.0.volumeName: names no volume',
    ]);
  });

  it('say what becomes of watches that stall, to whoever bounds their life', () => {
    const text = aConfigText([], ['watchReconnectTimeout: 1m']);

    expect(warnings(text)).toEqual([
      'watchReconnectTimeout: is not used: a watch is opened anew after 90 s without a sign of life, and after five minutes at most; expected nothing',
    ]);
  });

  it('say that only CPU and memory count', () => {
    const text = aConfigText().replace('limits: {', 'limits: {nvidia.com/gpu: 1, ');

    expect(warnings(text)).toEqual([
      'lab.sizes.0.resources.limits."nvidia.com/gpu": is ignored, expected only cpu and memory',
    ]);
  });

  it('point from Kafka to Prometheus, unless metrics are disabled', () => {
    const message =
      'metrics: is ignored because metrics are not sent to Kafka, expected Prometheus to read berth.metrics.port';

    expect(warnings(aConfigText([], ['metrics: {enabled: true, application: x, kafka: {odd: 1}}']))).toEqual([
      message,
    ]);
    expect(warnings(aConfigText([], ['metrics: {enabled: false, appName: x}']))).toEqual([]);
  });

  it('say what a Nublado controller would refuse on the way back', () => {
    expect(warnings(aConfigText().replace('fsadmin: {}\n', ''))).toEqual([
      'fsadmin: is missing, which a Nublado controller of today would refuse, expected fsadmin: {}',
    ]);
  });

  it.each([
    ['{duration: 15s, renewDeadline: 10s}', ['berth.lease: lets a new leader begin before']],
    ['{duration: 18, renewDeadline: 8}', ['berth.lease: lets a new leader begin before']],
    ['{duration: 15s}', ['berth.lease: lets a new leader begin before']],
    ['{duration: 19s}', ['berth.lease: lets a new leader begin before']],
    ['{duration: 20s}', []],
    ['{}', []],
  ])('say when a late write could meet a new leader: lease %s', (lease, parts) => {
    const said = warnings(aConfigText([], [`berth: {lease: ${lease}}`]));

    expect(said).toEqual(parts.map((part) => expect.stringContaining(part) as string));
  });

  it('say that a namespace of file servers could be somebody’s lab', () => {
    expect(warnings(aConfigText([], ['fileserver: {enabled: true, namespace: userlabs-files}']))).toEqual([
      'fileserver.namespace: begins like the namespaces of labs, expected a name that no lab can get',
    ]);
  });
});
