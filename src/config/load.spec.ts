import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { aConfigText, aFile } from '../../test/gen/config-file.gen.js';
import { product } from '../common/product.js';
import { AppSettings, ConfigError, ConfigModule, homeDirectory, loadSettings, printRemark } from './index.js';
import type { Settings } from './index.js';

const ENV = {
  REPERTOIRE_BASE_URL: 'https://data.example.org/repertoire',
  NUBLADO_CONTROLLER_REPOSITORY: 'ghcr.io/lsst-sqre/nublado',
  NUBLADO_CONTROLLER_TAG: '15.1.0',
};

function load(text: string, env: Record<string, string> = {}, extra?: string): Settings {
  const extraPath = extra === undefined ? undefined : aFile(extra);
  return loadSettings({ configPath: aFile(text), extraPath, env: { ...ENV, ...env } }).settings;
}

function refusal(text: string, env: Record<string, string> = {}): string[] {
  try {
    load(text, env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(
      ({ file, path, message }) => `${file.startsWith('/') ? 'FILE' : file} ${path} ${message}`,
    );
  }
}

function warningsOf(text: string, env: Record<string, string | undefined>): string[] {
  return loadSettings({ configPath: aFile(text), env: { ...ENV, ...env } }).warnings.map(printRemark);
}

const fixture = (name: string): Settings =>
  loadSettings({ configPath: `test/fixtures/config/${name}.yaml`, env: ENV }).settings;

describe('loadSettings', () => {
  it('reads a file of today’s chart with our units', () => {
    const { lab, images, fileserver, fsadmin, dropdownMenu } = fixture('current');

    expect(lab.sizes[1]).toEqual({
      size: 'large',
      resources: {
        limits: { cpu: 4000, memory: 16 * 1024 ** 3 },
        requests: { cpu: 1000, memory: 4 * 1024 ** 3 },
      },
    });
    expect(images).toMatchObject({ numReleases: 1, refreshInterval: 300_000, pin: ['r28_0_2'] });
    expect(fileserver).toMatchObject({ enabled: true, namespace: 'fileservers', idleTimeout: 3_600_000 });
    expect(fsadmin.resources?.limits).toEqual({ cpu: 1000, memory: 1024 ** 3 });
    expect(dropdownMenu.experimental?.cutoffDate).toBe(Date.UTC(2026, 0, 1, 12));
    expect(lab.volumes[2]?.source).toEqual({
      type: 'persistentVolumeClaim',
      storageClassName: 'sdf-data-rubin',
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
      readOnly: false,
    });
  });

  it('reads snake_case keys as the others, and leaves free maps alone', () => {
    const { lab, fileserver, images, fsadmin } = fixture('snake-case');

    expect(lab).toMatchObject({
      homedirPrefix: '/u/home',
      homedirSuffix: 'jhome',
      emptyDirSource: 'disk',
      runtimeMountsDir: '/opt/runtime',
      env: { snake_key: 'stays' },
      nodeSelector: { snake_key: 'stays' },
      tolerations: [{ key: 'example', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    });
    expect(lab.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'Gt', values: ['3'] }] }],
    });
    expect(images.dockerCredentialsPath).toBeUndefined();
    expect(fileserver).toMatchObject({ enabled: true, volumeMounts: [{ readOnly: false }] });
    expect(fsadmin.extraAnnotations).toEqual({ snake_key: 'stays' });
  });

  it('reads a file of the generation before, with one warning a key', () => {
    const { settings, warnings } = loadSettings({
      configPath: 'test/fixtures/config/nublado7.yaml',
      env: ENV,
    });

    expect(settings).toMatchObject({
      logProfile: 'development',
      externalInstanceUrl: 'https://data.example.org',
    });
    expect(settings.images.dockerCredentialsPath).toBe('/opt/secrets/docker-creds.json');
    expect(settings.images.source).not.toHaveProperty('credentialsPath');
    expect(settings.lab).toMatchObject({ emptyDirSource: 'disk', homeVolumeName: 'home' });
    expect(settings.lab.sizes[0]?.resources).toEqual({
      limits: { cpu: 1000, memory: 4 * 1024 ** 3 },
      requests: { cpu: 250, memory: 1024 ** 3 },
    });
    expect(warnings.map((warning) => warning.path)).toEqual([
      'fsadmin',
      'baseUrl',
      'profile',
      'slackWebhook',
      'images.source.credentialsPath',
      'fileserver.image',
      'lab.sizes.0.cpu',
      'lab.sizes.0.memory',
      'lab.sizes.1.cpu',
      'lab.sizes.1.memory',
      'lab.tmpSource',
      'lab.volumes',
    ]);
  });

  it('fills in what a file does not say', () => {
    const { berth, lab, fileserver, utilityImage, pod, ...rest } = load(aConfigText());

    expect(berth).toMatchObject({ readiness: 'off', drain: 70_000, auth: { provider: 'gafaelfawr' } });
    expect(lab).toMatchObject({
      spawnTimeout: 600_000,
      emptyDirSource: 'memory',
      tolerations: [],
      homedirPrefix: '/home',
    });
    expect(fileserver).toEqual({ enabled: false });
    expect(utilityImage).toEqual({
      repository: 'ghcr.io/lsst-sqre/nublado',
      tag: '15.1.0',
      pullPolicy: 'IfNotPresent',
    });
    expect(pod).toEqual({ name: undefined, namespace: undefined, uid: undefined });
    expect(rest).toMatchObject({
      name: 'Nublado',
      pathPrefix: '/nublado',
      externalInstanceUrl: 'http://127.0.0.1:8080',
    });
  });

  it('lets the second file win key by key, in either form', () => {
    const text = aConfigText([], ['berth: {streams: {perUser: 3, keepAlive: 5s}, drain: 10s}']);
    const whole = load(text, {}, 'berth:\n  streams: {per_user: 4}\n').berth;
    const content = load(text, {}, 'streams: {perUser: 4}\nreadiness: tcp\n').berth;

    expect(whole).toMatchObject({
      streams: { perUser: 4, keepAlive: 5000 },
      drain: 10_000,
      readiness: 'off',
    });
    expect(content).toMatchObject({
      streams: { perUser: 4, keepAlive: 5000 },
      drain: 10_000,
      readiness: 'tcp',
    });
  });

  it('reads off as off, although YAML 1.1 calls it false', () => {
    expect(load(aConfigText([], ['berth: {readiness: off}'])).berth.readiness).toBe('off');
  });

  it('takes an empty name for none, as charts write it', () => {
    const text = aConfigText(["pullSecret: ''", "application: ''"]);

    expect(load(text).lab).toMatchObject({ pullSecret: undefined, application: undefined });
    expect(loadSettings({ configPath: aFile(text), env: ENV }).warnings).toEqual([]);
  });

  it('takes what YAML 1.1 calls text for text, and for a number where one is wanted, as Helm writes large ones', () => {
    const container = '{name: setup, image: {repository: registry.example.org/setup, tag: 12e03}}';
    const text = aConfigText([`initContainers: [${container}]`])
      .replace('memory: 4Gi', 'memory: 4e+09')
      .replace('memory: 1Gi', 'memory: 1.073741824e+09');

    const { lab } = load(text);

    expect(lab.initContainers[0]?.image.tag).toBe('12e03');
    expect(lab.sizes[0]?.resources).toMatchObject({
      limits: { memory: 4e9 },
      requests: { memory: 1_073_741_824 },
    });
  });

  it('freezes everything it gives', () => {
    const settings = load(aConfigText());

    expect(() => Object.assign(settings.lab, { namespacePrefix: 'other' })).toThrow(TypeError);
    expect(() => Object.assign(settings.lab.sizes[0] ?? {}, { size: 'other' })).toThrow(TypeError);
  });

  it('reads the metadata of its own pod, without the spaces', () => {
    const directory = mkdtempSync(join(tmpdir(), 'berth-podinfo-'));
    writeFileSync(join(directory, 'name'), 'berth-0\n');
    writeFileSync(join(directory, 'namespace'), ' nublado ');

    expect(load(aConfigText([], [`metadataPath: ${directory}`])).pod).toEqual({
      name: 'berth-0',
      namespace: 'nublado',
      uid: undefined,
    });
  });

  it('keeps secrets out of everything that prints', () => {
    const text = aConfigText([], ['berth: {auth: {proxySecret: {env: PROXY_SECRET}}}']);
    const settings = load(text, {
      PROXY_SECRET: 'hunter2',
      NUBLADO_SLACK_WEBHOOK: 'https://hooks.example.org/hunter2',
    });

    expect(settings.proxySecret?.reveal()).toBe('hunter2');
    expect(settings.slackWebhook?.reveal()).toContain('hunter2');
    expect(
      [JSON.stringify(settings), inspect(settings, { depth: 9 }), String(settings.proxySecret)].join(),
    ).not.toContain('hunter2');
  });

  it('reads the proxy secret from a file, and refuses a missing one', () => {
    const secret = aFile('hunter2\n');
    const text = (source: string): string => aConfigText([], [`berth: {auth: {proxySecret: ${source}}}`]);

    expect(load(text(`{file: ${secret}}`)).proxySecret?.reveal()).toBe('hunter2');
    expect(refusal(text('{file: /nowhere}'))).toEqual([
      'FILE berth.auth.proxySecret the file /nowhere cannot be read, expected the secret in it',
    ]);
    expect(refusal(text('{env: NOWHERE}'))).toEqual([
      'FILE berth.auth.proxySecret the variable NOWHERE is not set, expected the secret in it',
    ]);
  });

  it('reads the same proxy secret from a variable as from a file', () => {
    const text = aConfigText([], ['berth: {auth: {proxySecret: {env: PROXY_SECRET}}}']);

    expect(load(text, { PROXY_SECRET: 'open sesame\r\n' }).proxySecret?.reveal()).toBe('open sesame');
    expect(refusal(text, { PROXY_SECRET: '\n' })).toEqual([
      'FILE berth.auth.proxySecret the variable PROXY_SECRET is empty, expected the secret in it',
    ]);
  });

  it.each(['hunter\n2', 'hunter\u2028', 'hüter', ' hunter2', 'hunter2 '])(
    'refuses a proxy secret that comes in no header (%j)',
    (secret) => {
      const message =
        'cannot be sent in a header, expected a secret of printable ASCII characters, with no space around it';
      const from = (source: string): string[] =>
        refusal(aConfigText([], [`berth: {auth: {proxySecret: ${source}}}`]), { PROXY_SECRET: secret });
      const file = aFile(secret);

      expect(from('{env: PROXY_SECRET}')).toEqual([
        `FILE berth.auth.proxySecret the variable PROXY_SECRET ${message}`,
      ]);
      expect(from(`{file: ${file}}`)).toEqual([`FILE berth.auth.proxySecret the file ${file} ${message}`]);
    },
  );

  it('refuses to start without a way to ask who a caller is', () => {
    const message = 'is not set, expected the URL of Repertoire (or berth.auth.gafaelfawrUrl in the file)';

    expect(refusal(aConfigText(), { REPERTOIRE_BASE_URL: '' })).toEqual([
      `environment REPERTOIRE_BASE_URL ${message}`,
    ]);
    expect(
      refusal(aConfigText([], ['berth: {auth: {gafaelfawrUrl: "http://g/auth"}}']), {
        REPERTOIRE_BASE_URL: '',
      }),
    ).toEqual([]);
  });

  it('tells the problems of files and environment together', () => {
    const env = { EXTERNAL_INSTANCE_URL: 'data.example.org', BERTH_INSTALL_CRDS: 'maybe' };

    expect(
      refusal(aConfigText(['odd: 1']), env).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ).toEqual(['FILE lab.odd', 'environment BERTH_INSTALL_CRDS', 'environment EXTERNAL_INSTANCE_URL']);
  });

  it('takes the address of a proxy as others do, and tells no password of one that is none', () => {
    const proxies = { HTTP_PROXY: 'x', http_proxy: 'proxy.example.org:3128', NO_PROXY: '.local' };

    expect(load(aConfigText(), proxies).proxies).toEqual({
      http: 'http://proxy.example.org:3128',
      https: undefined,
      exceptions: '.local',
    });
    expect(refusal(aConfigText(), { HTTPS_PROXY: 'http://user:hush@pro xy:3128' })).toEqual([
      'environment HTTPS_PROXY is not the address of a proxy, expected one such as http://proxy.example.org:3128',
    ]);
  });

  it('takes a Slack webhook only as a URL, and tells nothing of one that is none', () => {
    const mistyped = 'hooks.example.org:443/services/hunter2';
    const message = 'is not a URL, expected one that begins with http:// or https://';

    expect(refusal(aConfigText(), { NUBLADO_SLACK_WEBHOOK: mistyped })).toEqual([
      `environment NUBLADO_SLACK_WEBHOOK ${message}`,
    ]);
    expect(refusal(aConfigText([], [`slackWebhook: ${mistyped}`]))).toEqual([`FILE slackWebhook ${message}`]);
    expect(load(aConfigText([], ["slackWebhook: ''"])).slackWebhook).toBeUndefined();
  });

  it('warns of variables that have no effect here, and of an unnamed utility image', () => {
    expect(
      warningsOf(aConfigText(), {
        SENTRY_DSN: 'x',
        KAFKA_BOOTSTRAP_SERVERS: 'y',
        NUBLADO_CONTROLLER_TAG: '',
      }),
    ).toEqual([
      `environment: NUBLADO_CONTROLLER_TAG: is not set, expected the utility image; ghcr.io/lsst-sqre/nublado:${product.version} is used`,
      'environment: KAFKA_BOOTSTRAP_SERVERS: is ignored because metrics are not sent to Kafka, expected Prometheus to read them',
      'environment: SENTRY_DSN: is ignored because Sentry is not used, expected alerts from Prometheus metrics and logs',
    ]);
    expect(warningsOf(aConfigText(), { METRICS_ENABLED: 'false', METRICS_APPLICATION: 'x' })).toEqual([]);
  });

  it('takes our own utility image, of our own version, if nobody names another', () => {
    const unnamed = { NUBLADO_CONTROLLER_REPOSITORY: '', NUBLADO_CONTROLLER_TAG: '' };

    expect(load(aConfigText(), unnamed).utilityImage).toEqual({
      repository: 'registry.berth.dev/berth-utility',
      tag: product.version,
      pullPolicy: 'IfNotPresent',
    });
  });

  it.each([
    ['Always', 'Always'],
    ['NEVER', 'Never'],
    ['sometimes', 'IfNotPresent'],
  ])('matches the pull policy %s whatever its case', (written, policy) => {
    expect(load(aConfigText(), { NUBLADO_CONTROLLER_PULL_POLICY: written }).utilityImage.pullPolicy).toBe(
      policy,
    );
  });

  it('lets BERTH_INSTALL_CRDS win over the file', () => {
    expect(load(aConfigText(), { BERTH_INSTALL_CRDS: 'true' }).berth.installCrds).toBe(true);
    expect(
      load(aConfigText([], ['berth: {installCrds: true}']), { BERTH_INSTALL_CRDS: 'false' }).berth
        .installCrds,
    ).toBe(false);
  });
});

describe('homeDirectory', () => {
  it.each([
    ['username', '', '/home/rachel'],
    ['initialThenUsername', '', '/home/r/rachel'],
    ['initialThenUsername', 'jhome', '/home/r/rachel/jhome'],
  ] as const)('follows the scheme %s with suffix "%s"', (homedirSchema, homedirSuffix, home) => {
    expect(homeDirectory({ homedirPrefix: '/home', homedirSchema, homedirSuffix }, 'rachel')).toBe(home);
  });
});

describe('ConfigModule', () => {
  it('gives the settings to whoever asks for AppSettings', async () => {
    const settings = load(aConfigText());
    const module = await Test.createTestingModule({ imports: [ConfigModule.forRoot(settings)] }).compile();

    expect(module.get(AppSettings)).toEqual(settings);
  });
});
