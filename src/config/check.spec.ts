import { describe, expect, it } from 'vitest';
import { aConfigText, aFile } from '../../test/gen/config-file.gen.js';
import { checkFiles } from './check.js';
import { printRemark } from './problems.js';
import type { ConfigRemark } from './problems.js';

function verdict(text: string, extra?: string): { problems: string[]; warnings: string[] } {
  const file = aFile(text);
  const second = extra === undefined ? undefined : aFile(extra);
  const { problems, warnings } = checkFiles(file, second);
  const show = (remark: ConfigRemark): string =>
    printRemark(remark)
      .replace(file, 'FILE')
      .replace(second ?? '\n', 'EXTRA');
  return { problems: problems.map(show), warnings: warnings.map(show) };
}

const mount = '{containerPath: /home, volumeName: home}';

/** Lines below `lab:`, which begin on line 10, and the problem they make. */
const WRONG: readonly (readonly [string, readonly string[], string])[] = [
  ['an unknown key', ['spawnTimout: 5m'], '10: lab.spawnTimout: is not a known key, expected spawnTimeout'],
  [
    'both spellings',
    ['defaultSize: small', 'default_size: small'],
    '11: lab.default_size: is the same key as defaultSize, expected one of the two',
  ],
  [
    'a duration',
    ['spawnTimeout: soon'],
    '10: lab.spawnTimeout: "soon" is not understood, expected a duration such as 90, "5m" or "1d 12h"',
  ],
  ['a list as text', ['labStartCommand: run'], '10: lab.labStartCommand: is text, expected a list'],
  [
    'a number as text',
    ['application: 5'],
    '10: lab.application: is a number, expected text (put it in quotes)',
  ],
  [
    'a reserved variable',
    ['env: {DEBUG: "1"}'],
    '10: lab.env.DEBUG: is set by Berth or JupyterHub, expected another name',
  ],
  [
    'a variable of the Hub',
    ['env:', '  JUPYTERHUB_X: a'],
    '11: lab.env.JUPYTERHUB_X: is set by Berth or JupyterHub, expected another name',
  ],
  ['a value without quotes', ['env: {A: 1}'], '10: lab.env.A: is not text, expected a value in quotes'],
  [
    'a reserved file',
    ['files: {/etc/passwd: x}'],
    '10: lab.files."/etc/passwd": is reserved, expected a path other than /etc/group, /etc/passwd, /tmp',
  ],
  [
    'a relative file',
    ['files: {motd: x}'],
    '10: lab.files.motd: is not a path, expected one that begins with /',
  ],
  [
    'a mount over /tmp',
    ['volumeMounts:', '  - {containerPath: /tmp, volumeName: home}'],
    '11: lab.volumeMounts.0.containerPath: is reserved, expected a path other than /etc/group, /etc/passwd, /tmp',
  ],
  [
    'a mount of nothing',
    ['volumeMounts:', '  - {containerPath: /x, volumeName: x}'],
    '11: lab.volumeMounts.0.volumeName: names no volume, expected the name of one of lab.volumes',
  ],
  [
    'an init container’s mount of nothing',
    [
      'initContainers:',
      '  - name: i',
      '    image: {repository: r, tag: t}',
      '    volumeMounts: [{containerPath: /x, volumeName: x}]',
    ],
    '13: lab.initContainers.0.volumeMounts.0.volumeName: names no volume, expected the name of one of lab.volumes',
  ],
  [
    'a default size',
    ['defaultSize: huge'],
    '10: lab.defaultSize: names no size, expected the name of one of lab.sizes',
  ],
  [
    'a secret key given twice',
    ['secrets: [{secretName: a, secretKey: k}, {secretName: b, secretKey: k}]'],
    '10: lab.secrets.1.secretKey: is used by two secrets, expected each secretKey once',
  ],
  [
    'the token as secret key',
    ['secrets: [{secretName: a, secretKey: token}]'],
    "10: lab.secrets.0.secretKey: is the key of the user's own token, expected another secretKey",
  ],
  [
    'another home volume',
    ['homeVolumeName: homes'],
    '10: lab.homeVolumeName: lacks the volume for homes, expected a volume named "homes" (or berth.acceptEphemeralHome: true)',
  ],
  [
    'homes in the root',
    ['homedirPrefix: //'],
    '10: lab.homedirPrefix: is no directory for homes, expected a path such as /home',
  ],
  [
    'homes that would be a field of their own in /etc/passwd',
    ['homedirPrefix: "/home:x"'],
    '10: lab.homedirPrefix: holds a colon or a control character, expected a path that fits into /etc/passwd',
  ],
  [
    'homes that would add an account',
    ['homedirSuffix: "x\\nroot2:x:0:0::/:/bin/sh"'],
    '10: lab.homedirSuffix: holds a colon or a control character, expected a path that fits into /etc/passwd',
  ],
  [
    'a secret mounted nowhere',
    ["secrets: [{secretName: a, secretKey: k, path: ''}]"],
    '10: lab.secrets.0.path: is empty, expected text',
  ],
  [
    'a home scheme',
    ['homedirSchema: letters'],
    '10: lab.homedirSchema: is not accepted, expected username or initialThenUsername',
  ],
  [
    'a toleration with a needless value',
    ['tolerations: [{operator: Exists, value: x}]'],
    '10: lab.tolerations.0.value: is given with operator Exists, expected no value',
  ],
  [
    'a toleration without key',
    ['tolerations: [{value: x}]'],
    '10: lab.tolerations.0.key: is missing, expected a key because the operator is Equal',
  ],
  [
    'a toleration without value',
    ['tolerations: [{key: x}]'],
    '10: lab.tolerations.0.value: is missing, expected a value because the operator is Equal',
  ],
  [
    'a toleration of an unknown effect',
    ['tolerations: [{operator: Exists, effect: Never}]'],
    '10: lab.tolerations.0.effect: is not accepted, expected NoSchedule or PreferNoSchedule or NoExecute',
  ],
  [
    'a pod affinity weight',
    [
      'affinity:',
      '  podAffinity:',
      '    preferredDuringSchedulingIgnoredDuringExecution:',
      '      - {weight: 101, podAffinityTerm: {topologyKey: h}}',
    ],
    '13: lab.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.weight: is too large, expected at most 100',
  ],
];

const term = (expression: string): string[] => [
  'affinity:',
  '  nodeAffinity:',
  '    requiredDuringSchedulingIgnoredDuringExecution:',
  `      nodeSelectorTerms: [{matchExpressions: [${expression}]}]`,
];

describe('checkFiles', () => {
  it('accepts the least without a word', () => {
    expect(verdict(aConfigText())).toEqual({ problems: [], warnings: [] });
  });

  it.each(WRONG)('refuses %s at its line', (_, lines, problem) => {
    expect(verdict(aConfigText(lines)).problems).toEqual([`FILE:${problem}`]);
  });

  it.each([
    ['{key: a, operator: In}', 'must not be empty, expected values because the operator is In'],
    ['{key: a, operator: Exists, values: [x]}', 'must be absent, expected no values with operator Exists'],
    [
      '{key: a, operator: Gt, values: [x]}',
      'must be exactly one whole number in quotes, expected for operator Gt',
    ],
    [
      '{key: a, operator: Lt, values: ["1", "2"]}',
      'must be exactly one whole number in quotes, expected for operator Lt',
    ],
  ])('refuses the node affinity %s', (expression, message) => {
    const [problem, ...others] = verdict(aConfigText(term(expression))).problems;

    expect(problem).toMatch(/^FILE:13: lab\.affinity\..*matchExpressions\.0\.values: /);
    expect(problem).toContain(message);
    expect(others).toEqual([]);
  });

  it('refuses a claim whose request is no single value', () => {
    const source =
      '{type: persistentVolumeClaim, storageClassName: a, accessModes: [], resources: {requests: {storage: {}}}}';
    const text = aConfigText().replace('  sizes:', `    - {name: work, source: ${source}}\n  sizes:`);

    expect(verdict(text).problems).toEqual([
      'FILE:8: lab.volumes.1.source.resources.requests.storage: is no quantity, expected one such as 10Gi',
    ]);
  });

  it('tells all problems at once, in the order of the file', () => {
    const { problems } = verdict(
      [
        'images: {source: {type: dock}}',
        'lab:',
        '  sizes:',
        '    - size: tiny',
        '    - size: tiny',
        '      cpu: lots',
        'nmae: x',
        'berth: {drain: 0, hub: 1}',
        '',
      ].join('\n'),
    );

    expect(problems.map((line) => line.replace(/^FILE:(\d+): ([^:]*): .*/, '$1 $2'))).toEqual([
      '1 images.source.type',
      '2 lab.namespacePrefix',
      '4 lab.sizes.0.resources',
      '5 lab.sizes.1.size',
      '6 lab.sizes.1.cpu',
      '7 nmae',
      '8 berth.drain',
      '8 berth.hub',
    ]);
  });

  it('names a missing key on the line of what should hold it', () => {
    const { problems } = verdict(
      aConfigText(['initContainers:', '  - name: a', '    image:', '      tag: b']),
    );

    expect(problems).toEqual(['FILE:12: lab.initContainers.0.image.repository: is missing, expected text']);
  });

  it('refuses a size by a name that every request for it would be refused for', () => {
    const size =
      '- {size: Extra Large, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}}';
    const { problems } = verdict(aConfigText().replace(/- \{size.*/, size));

    expect(problems).toEqual([
      'FILE:9: lab.sizes.0.size: is not accepted, expected fine or diminutive or tiny or small or medium or large or huge or gargantuan or colossal or custom',
    ]);
  });

  it('refuses a request beyond its limit', () => {
    const size =
      '- {size: tiny, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1001m, memory: 1025Mi}}}';
    const { problems } = verdict(aConfigText().replace(/- \{size.*/, size));

    expect(problems).toEqual([
      'FILE:9: lab.sizes.0.resources.requests.cpu: is larger than the limit, expected at most limits.cpu',
      'FILE:9: lab.sizes.0.resources.requests.memory: is larger than the limit, expected at most limits.memory',
    ]);
  });

  it('refuses a file without volumes for homes, unless homes may be lost', () => {
    const without = aConfigText().replace(/ {2}volumes:\n.*\n/, '');

    expect(verdict(without).problems).toEqual([
      'FILE:4: lab.volumes: lacks the volume for homes, expected a volume named "home" (or berth.acceptEphemeralHome: true)',
    ]);
    expect(verdict(`${without}berth: {acceptEphemeralHome: true}\n`).problems).toEqual([]);
  });

  it('refuses empty sizes and warns of missing ones', () => {
    const without = aConfigText().replace(/ {2}sizes:\n.*\n/, '');

    expect(verdict(without)).toEqual({
      problems: [],
      warnings: ['FILE:4: lab: has no sizes, so no lab can be started; expected at least one'],
    });
    expect(verdict(aConfigText([]).replace(/ {2}sizes:\n.*\n/, '  sizes: []\n')).problems).toEqual([
      'FILE:8: lab.sizes: is empty, expected at least one item',
    ]);
  });

  it('ignores unknown keys where charts rely on it, and nowhere else', () => {
    const text = aConfigText(
      [],
      ['metrics: {enabled: false, odd: 1}', 'fileserver: {odd: 1, volumeMounts: 7}'],
    )
      .replace('fsadmin: {}', 'fsadmin: {application: x, odd: {a: 1}}')
      .replace('resources: {', 'resources: {odd: 1, ');

    expect(verdict(text)).toEqual({ problems: [], warnings: [] });
    expect(
      verdict(text.replace('fileserver: {odd: 1,', 'fileserver: {enabled: true, odd: 1,')).problems,
    ).toHaveLength(3);
  });

  it('requires of file servers what they need', () => {
    const { problems } = verdict(
      aConfigText(
        [],
        ['fileserver:', '  enabled: true', '  volumeMounts: [{containerPath: /x, volumeName: x}]'],
      ),
    );

    expect(problems).toEqual([
      'FILE:10: fileserver.namespace: is missing, expected the name of an existing namespace because file servers are enabled',
      'FILE:12: fileserver.volumeMounts.0.volumeName: names no volume, expected the name of one of lab.volumes',
    ]);
  });

  it.each(['nublado', '/a*', '/a/:user', '/a%20b', '//a', '/a b', '/a?b', '/a/../b', '/é'])(
    'refuses the path prefix %s, which nobody would meet as it is written',
    (prefix) => {
      const files = `fileserver: {enabled: true, namespace: files, pathPrefix: '${prefix}'}`;
      const { problems } = verdict(aConfigText([], [`pathPrefix: '${prefix}'`, files]));

      expect(problems).toEqual([
        expect.stringContaining('FILE:10: pathPrefix: is no prefix of paths, expected one such as /nublado'),
        expect.stringContaining('FILE:11: fileserver.pathPrefix: is no prefix of paths'),
      ]);
    },
  );

  it.each(['', '/', '/nublado/', '/hub/~x/v1.2_a-b', '/a@b'])('takes the path prefix "%s"', (prefix) => {
    expect(verdict(aConfigText([], [`pathPrefix: '${prefix}'`])).problems).toEqual([]);
  });

  it.each([
    ['/nublado', '/nublado/', 'fileserver.pathPrefix: is where the API answers (/nublado),'],
    ['/n', '/n/docs', 'fileserver.pathPrefix: is where the API answers (/n/docs),'],
    ['', '/spawner/v1/labs', 'fileserver.pathPrefix: is where the API answers (/spawner/v1),'],
    ['/n', '/health/live', 'fileserver.pathPrefix: is where health is asked for,'],
    ['/health', '/files', 'pathPrefix: is where health is asked for,'],
    ['/n', '/', 'fileserver.pathPrefix: is the root,'],
  ])('refuses the prefixes "%s" and "%s", of which one would hide the other', (prefix, files, problem) => {
    const section = `fileserver: {enabled: true, namespace: files, pathPrefix: '${files}'}`;

    expect(verdict(aConfigText([], [`pathPrefix: '${prefix}'`, section])).problems).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  it('refuses the prefix of the page that says that there are no files, and takes one for it beside the API', () => {
    const beside = 'fileserver: {enabled: true, namespace: files, pathPrefix: /nublado/files}';

    expect(verdict(aConfigText([], ['pathPrefix: /files'])).problems).toEqual([
      'FILE:10: pathPrefix: makes the API answer where the page of files is (/files), expected another path',
    ]);
    expect(verdict(aConfigText([], [beside])).problems).toEqual([]);
  });

  it('takes a key without a value for an absent one', () => {
    const lines = ['env:', 'files:', `volumeMounts: [${mount}]`, 'pullSecret:', 'affinity:'];

    expect(verdict(aConfigText(lines, ['dropdownMenu:', 'berth:']))).toEqual({ problems: [], warnings: [] });
  });

  it('judges the second file in both of its forms', () => {
    const text = aConfigText([], ['berth: {streams: {perUser: 3}}']);

    expect(verdict(text, 'readiness: tcp\nstreams:\n  per_user: x\n').problems).toEqual([
      'EXTRA:3: berth.streams.per_user: is text, expected a whole number',
    ]);
    expect(verdict(text, 'berth:\n  odd: 1\nlab: {}\n').problems).toEqual([
      expect.stringMatching(/^EXTRA:2: berth\.odd: is not a known key/),
      'EXTRA:3: lab: does not belong into this file, expected only berth',
    ]);
    expect(verdict(text, '# nothing\n').problems).toEqual([]);
    expect(verdict(text, 'hello').problems).toEqual([
      'EXTRA:1: does not consist of keys, expected the section berth',
    ]);
  });
});
