import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ApiServer } from './index.js';
import { startApiServer } from './index.js';
import { TestClient } from './test-client.js';

const OLDEST_MINOR = 30;

/** A kubectl that is new enough: the one that is named, else the one on the path. */
function findKubectl(): string | undefined {
  const program = process.env['BERTH_KUBECTL'] ?? 'kubectl';
  try {
    const told = execFileSync(program, ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const version = (JSON.parse(told) as { clientVersion: { minor: string } }).clientVersion;
    return Number.parseInt(version.minor, 10) >= OLDEST_MINOR ? program : undefined;
  } catch {
    return undefined;
  }
}

const kubectl = findKubectl();

describe.skipIf(kubectl === undefined)('the real kubectl', () => {
  let server: ApiServer;
  let client: TestClient;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
    server = await startApiServer();
    client = new TestClient(server.url);
    await client.namespace('play');
    writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(server.kubeconfig('play')));
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const start = (...args: string[]): ChildProcess =>
    spawn(kubectl ?? '', args, {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        KUBECONFIG: join(folder, 'kubeconfig'),
        KUBE_EDITOR: process.env['KUBE_EDITOR'],
      },
    });

  /** Runs to its end; rejects with what it said on stderr. */
  function run(...args: string[]): Promise<string> {
    const child = start(...args);
    let [out, error] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (error += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(error))));
    });
  }

  function apply(...objects: object[]): Promise<string> {
    const file = join(folder, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    return run('apply', '-f', file);
  }

  const configMap = (name: string, data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  });

  it('applies new objects, leaves same ones alone and changes others', async () => {
    const first = await apply(configMap('a', { x: '1' }));
    const second = await apply(configMap('a', { x: '1' }));
    const third = await apply(configMap('a', { y: '2' }));

    expect([first, second, third]).toEqual([
      'configmap/a created\n',
      'configmap/a unchanged\n',
      'configmap/a configured\n',
    ]);
    expect((await client.get('/api/v1/namespaces/play/configmaps/a')).body['data']).toEqual({ y: '2' });
  });

  it('shows tables', async () => {
    await client.post('/api/v1/namespaces/play/pods', {
      metadata: { name: 'shown' },
      spec: { containers: [{ name: 'a', image: 'b' }] },
    });

    const pods = await run('get', 'pods', 'shown', '-o', 'wide');
    const namespaces = await run('get', 'ns', 'play', '--no-headers');

    expect(pods.split('\n')[0]).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES$/,
    );
    expect(pods.split('\n')[1]).toMatch(/^shown +0\/1 +Pending +0 +\d+s +<none>/);
    expect(namespaces).toMatch(/^play +Active +\d+s\n$/);
  });

  it('describes a pod with its events', async () => {
    await client.post('/api/v1/namespaces/play/pods', {
      metadata: { name: 'told' },
      spec: { containers: [{ name: 'a', image: 'registry/lab:1' }] },
    });
    const { body } = await client.get('/api/v1/namespaces/play/pods/told');
    await client.post('/api/v1/namespaces/play/events', {
      metadata: { name: 'told.1' },
      involvedObject: { kind: 'Pod', namespace: 'play', name: 'told', uid: body.metadata['uid'] },
      reason: 'Pulling',
      message: 'Pulling image "registry/lab:1"',
      type: 'Normal',
    });

    const text = await run('describe', 'pod', 'told');

    expect(text).toContain('Image:        registry/lab:1');
    expect(text).toMatch(/Normal +Pulling +.*Pulling image "registry\/lab:1"/);
  });

  it('labels, patches and deletes, waiting for the end', async () => {
    await apply(configMap('short', {}));

    expect(await run('label', 'cm', 'short', 'a=b')).toBe('configmap/short labeled\n');
    expect(await run('patch', 'cm', 'short', '-p', '{"data":{"z":"1"}}')).toBe('configmap/short patched\n');
    expect(await run('get', 'cm', '-l', 'a=b', '-o', 'name')).toBe('configmap/short\n');
    expect(await run('delete', 'cm', 'short', '--wait')).toContain('configmap "short" deleted');
    await expect(run('get', 'cm', 'short')).rejects.toThrow(
      'Error from server (NotFound): configmaps "short" not found',
    );
  });

  it('edits', async () => {
    await apply(configMap('edited', { word: 'before' }));
    process.env['KUBE_EDITOR'] = 'sed -i s/before/after/';

    expect(await run('edit', 'cm', 'edited')).toBe('configmap/edited edited\n');
    expect((await client.get('/api/v1/namespaces/play/configmaps/edited')).body['data']).toEqual({
      word: 'after',
    });
  });

  it('lists what the cluster knows', async () => {
    const text = await run('api-resources');

    expect(text).toMatch(/^pods +po +v1 +true +Pod$/m);
    expect(text).toMatch(/^jobs +batch\/v1 +true +Job$/m);
  });

  it('applies a definition and its objects, and gets them by their short name', async () => {
    await apply({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'toys.example.dev' },
      spec: {
        group: 'example.dev',
        scope: 'Namespaced',
        names: { plural: 'toys', kind: 'Toy', shortNames: ['ty'] },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }],
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { color: { type: 'string' } } } },
              },
            },
          },
        ],
      },
    });
    const ball = {
      apiVersion: 'example.dev/v1',
      kind: 'Toy',
      metadata: { name: 'ball' },
      spec: { color: 'red' },
    };

    expect(await apply(ball)).toBe('toy.example.dev/ball created\n');
    expect(await apply({ ...ball, spec: { color: 'blue' } })).toBe('toy.example.dev/ball configured\n');
    expect(await run('get', 'ty')).toMatch(/^NAME +COLOR\nball +blue\n$/);
    await expect(apply({ ...ball, spec: { colour: 'red' } })).rejects.toThrow('unknown field "spec.colour"');
  });

  it('watches', async () => {
    const child = start('get', 'cm', '-w', '--no-headers', '--field-selector', 'metadata.name=watched');
    let text = '';
    const line = new Promise<string>((resolve) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('\n')) resolve(text);
      });
    });
    await new Promise<void>((resolve) => server.onRequest(({ verb }) => verb === 'watch' && resolve()));
    await apply(configMap('watched', { a: '1' }));

    expect(await line).toMatch(/^watched +1 +\d+s\n/);
    child.kill();
  });
});
