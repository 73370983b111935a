import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startApiServer } from '../simulator/server/index.js';
import type { ApiServer } from '../simulator/server/index.js';
import { aConfigText } from '../test/gen/config-file.gen.js';
import { rachelsLab } from '../test/gen/rachel.gen.js';
import { asNubladoMakesIt } from '../test/support/nublado-made.js';
import { startStub } from '../test/support/stub-server.js';
import { checkAgainstCluster, rehearseAdoption } from './cluster-questions.js';
import { buildLabObjects } from './labs/objects/index.js';

const VOLUME =
  'source: {type: persistentVolumeClaim, accessModes: [ReadWriteMany], storageClassName: fast, resources: {requests: {storage: 1Gi}}}';

describe('questions to a cluster', () => {
  let server: ApiServer;
  let folder: string;
  let kubeconfig: string;
  const said: string[] = [];
  const io = { out: (line: string) => said.push(line), err: (line: string) => said.push(line) };

  beforeAll(async () => {
    server = await startApiServer({ namespaces: ['berth'] });
    folder = mkdtempSync(join(tmpdir(), 'berth-questions-'));
    kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig('berth')));
    await post(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      parse(readFileSync('helm/berth/crds/labs.yaml', 'utf8')) as object,
    );
    const fast = { metadata: { name: 'fast' }, provisioner: 'x', reclaimPolicy: 'Delete' };
    await post('/apis/storage.k8s.io/v1/storageclasses', fast);
  });

  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const post = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const question = (text: string): Parameters<typeof checkAgainstCluster>[0] => {
    said.length = 0;
    const file = join(folder, 'config.yaml');
    writeFileSync(file, text);
    return { file, extra: undefined, kubeconfig };
  };
  const fleeting = (top: string[] = []): string =>
    aConfigText(['volumeMounts:', '  - {containerPath: /home, volumeName: home}'], top).replace(
      /source: \{type: nfs.*\}\}/,
      `${VOLUME}}`,
    );

  it('fail where homes are destroyed with the lab, and say which volume', async () => {
    const code = await checkAgainstCluster(question(fleeting()), io);

    expect(code).toBe(1);
    expect(said.join('\n')).toContain(
      'which holds the homes, is destroyed whenever the lab stops: storage class fast',
    );
  });

  it('only say so where that is meant', async () => {
    const code = await checkAgainstCluster(question(fleeting(['berth: {acceptEphemeralHome: true}'])), io);

    expect(code).toBe(0);
    expect(said.join('\n')).toContain('destroyed whenever the lab stops');
  });

  it('pass a storage class that nobody knows on as a warning', async () => {
    const text = fleeting().replace('storageClassName: fast', 'storageClassName: odd');

    expect(await checkAgainstCluster(question(text), io)).toBe(0);
    expect(said).toContainEqual('warning: Storage class odd, which labs use, does not exist');
  });

  it('ask nothing of a claim without a storage class', async () => {
    const text = fleeting().replace('storageClassName: fast', "storageClassName: ''");

    expect(await checkAgainstCluster(question(text), io)).toBe(0);
    expect(said).toEqual([expect.stringMatching(/: accepted$/)]);
  });

  it('refuse a file that serve would refuse, without asking anybody', async () => {
    expect(await checkAgainstCluster(question('lab: 1\n'), io)).toBe(1);
    expect(await rehearseAdoption(question('lab: 1\n'), io)).toBe(1);
  });

  it('name the check that finds what is wrong, with the second file too', async () => {
    const asked = question(aConfigText());
    const extra = join(folder, 'berth.yaml');
    writeFileSync(extra, 'berth: {queu: 1}\n');

    expect(await rehearseAdoption({ ...asked, extra }, io)).toBe(1);
    expect(said).toEqual([
      `${asked.file} is refused (problems: 1): berth config check ${asked.file} --berth-config ${extra} names them`,
    ]);
  });

  it('may be asked before anything of ours is installed', async () => {
    const bare = await startApiServer({ namespaces: ['berth'] });
    const asked = question(aConfigText());
    writeFileSync(kubeconfig, JSON.stringify(bare.kubeconfig('berth')));

    const code = await rehearseAdoption(asked, io);

    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig('berth')));
    await bare.close();
    expect(code).toBe(0);
    expect(said).toEqual([
      'warning: The custom resource labs.berth.dev is not installed: kubectl apply -f helm/berth/crds',
      'adopt: 0, ours: 0, leave: 0, malformed: 0',
    ]);
  });

  it('say what to mend where credentials are refused', async () => {
    const api = await startStub(() => ({ status: 401 }));
    const asked = question(fleeting());
    const own = JSON.stringify(server.kubeconfig('berth'));
    writeFileSync(kubeconfig, own.replaceAll(server.url, api.url));

    await expect(checkAgainstCluster(asked, io)).rejects.toThrow(
      `The Kubernetes API at ${api.url} does not accept our credentials`,
    );

    writeFileSync(kubeconfig, own);
    await api.close();
  });

  it('list what would be adopted, and why the rest would be left alone', async () => {
    const kept = new Set(['Namespace', 'ServiceAccount', 'ConfigMap', 'ResourceQuota', 'Pod']);
    for (const { kind, object, ref } of buildLabObjects(rachelsLab()).filter((one) =>
      kept.has(one.kind.kind),
    ))
      await post(placeOf(kind.plural, ref.namespace), asNubladoMakesIt(object));
    const incomplete = { 'nublado.lsst.io/category': 'lab', 'nublado.lsst.io/user': 'wrench' };
    await post('/api/v1/namespaces', { metadata: { name: 'userlabs-wrench', labels: incomplete } });
    await post('/api/v1/namespaces', { metadata: { name: 'userlabs-strange' } });
    const marks = { 'berth.dev/instance': 'berth', 'berth.dev/lab-uid': '1' };
    await post('/api/v1/namespaces', {
      metadata: { name: 'people-eve', labels: { 'nublado.lsst.io/user': 'eve' }, annotations: marks },
    });
    const before = JSON.stringify(server.store.dump('namespaces'));

    const code = await rehearseAdoption(question(aConfigText()), io);

    expect(code).toBe(0);
    expect(said.sort()).toEqual([
      expect.stringMatching(/^adopt\tuserlabs-rachel\tpending, size /),
      'adopt: 1, ours: 0, leave: 2, malformed: 0',
      'leave\tpeople-eve\tis ours by another lab.namespacePrefix: its lab would be told as gone, and nobody would look after it',
      'leave\tuserlabs-wrench\thas no pod: left alone',
    ]);
    expect(JSON.stringify(server.store.dump('namespaces'))).toBe(before);
    expect(server.store.dump('labs.berth.dev')).toEqual([]);
  });
});

const placeOf = (plural: string, namespace: string | undefined): string =>
  namespace === undefined ? `/api/v1/${plural}` : `/api/v1/namespaces/${namespace}/${plural}`;
