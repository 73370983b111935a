import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeconfigError, loadConfig } from './kubeconfig.js';
import { inCluster } from './service-account.js';

const CLUSTER = 'clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]';

describe('a kubeconfig that cannot be used', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-kubeconfig-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['no file', undefined, 'there is no such file'],
    ['a syntax error', 'users: [{user: {token: hidden-token', 'it is not a kubeconfig in YAML'],
    ['nothing in it', '{}', 'has no current context; kubectl config use-context chooses another'],
    ['a context that is not there', `${CLUSTER}\ncurrent-context: gone`, "has no context 'gone'"],
    [
      'a context without a cluster',
      'contexts: [{name: x, context: {cluster: gone, user: u}}]\ncurrent-context: x',
      "the context 'x' of the kubeconfig",
    ],
  ])('with %s is refused with its path and what is wrong', async (name, text, reason) => {
    const file = join(folder, name.replaceAll(' ', '-'));
    if (text !== undefined) await writeFile(file, text);

    const error: unknown = await loadConfig({ kubeconfig: file }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(KubeconfigError);
    expect((error as Error).message).toContain(file);
    expect((error as Error).message).toContain(reason);
    expect((error as Error).message).not.toContain('hidden-token');
  });
});

describe('a kubeconfig', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-kubeconfig-'));
    await mkdir(join(folder, 'far'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const file = async (name: string, content: object): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(content));
    return path;
  };

  it('tells of cluster, context and user what kubectl wrote, files beside it by their whole paths', async () => {
    const kubeconfig = await file('whole', {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'berth' } }],
      clusters: [
        {
          name: 'c',
          cluster: {
            server: 'https://[::1]:6443',
            'certificate-authority': 'ca.crt',
            'insecure-skip-tls-verify': true,
            'tls-server-name': 'kubernetes',
            'proxy-url': 'http://proxy:3128',
          },
        },
      ],
      users: [{ name: 'u', user: { tokenFile: 'far/token', 'client-key': '/abs/key', as: 'somebody' } }],
    });

    expect(await loadConfig({ kubeconfig })).toEqual({
      context: { name: 'x', cluster: 'c', user: 'u', namespace: 'berth' },
      cluster: {
        name: 'c',
        server: 'https://[::1]:6443',
        caFile: join(folder, 'ca.crt'),
        skipTLSVerify: true,
        tlsServerName: 'kubernetes',
        proxyUrl: 'http://proxy:3128',
      },
      user: { name: 'u', keyFile: '/abs/key', impersonateUser: 'somebody' },
      tokenFile: join(folder, 'far', 'token'),
    });
  });

  it('is put together of several files, of which the first to name something wins', async () => {
    const first = await file('first', {
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { token: 'first' } }],
    });
    const second = await file('far/second', {
      'current-context': 'x',
      clusters: [
        { name: 'c', cluster: { server: 'http://127.0.0.1:1', 'certificate-authority': '../ca.crt' } },
      ],
      users: [{ name: 'u', user: { token: 'second' } }],
    });

    const { cluster, user } = await loadConfig({ kubeconfig: [first, second].join(delimiter) });

    expect(cluster.caFile).toBe(join(folder, 'ca.crt'));
    expect(user?.token).toBe('first');
  });

  it.each([
    ['10.96.0.1', '443', 'https://10.96.0.1:443'],
    ['fd00::1', '6443', 'https://[fd00::1]:6443'],
    ['127.0.0.1', '8080', 'http://127.0.0.1:8080'],
  ])('is not needed in a pod (%s, %s)', async (host, port, server) => {
    await writeFile(join(folder, 'namespace'), 'berth\n');
    const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };

    const loaded = await inCluster(folder, env);

    expect(loaded.cluster).toMatchObject({ server, caFile: join(folder, 'ca.crt'), skipTLSVerify: false });
    expect([loaded.tokenFile, loaded.context.namespace?.trim()]).toEqual([join(folder, 'token'), 'berth']);
  });
});
