import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BerthProcess } from '../../support/berth-process.js';
import { aPlatform } from '../../support/platform.js';
import { readStream } from '../../support/sse-reader.js';
import { NODE_ADDRESS, NodeHandle } from '../harness/index.js';
import { Api, type Thing } from '../support/api.js';
import { isCi } from '../support/closers.js';
import { installCrds } from '../support/crds.js';
import { freshNamespace } from '../support/namespaces.js';
import { grantRights } from '../support/rights.js';
import { describeNode, kubeconfigFor, type SharedNode } from '../support/shared-cluster.js';
import { missingTools, pushUtilityImage } from '../support/utility-image.js';

interface Pod extends Thing {
  readonly spec: { readonly terminationGracePeriodSeconds: number };
  readonly status: { readonly podIP?: string };
}

interface List<T> {
  readonly items: readonly T[];
}

interface FileServer extends Thing {
  readonly status?: { readonly phase?: string; readonly failure?: object };
}

/** Whoever has not begun to work after so long asks for the files again. */
const IDLE_SECONDS = 10;
const OWNER = 1102;
const TRIES = 5;
const DEFAULT_DRAIN_SECONDS = 600;
const CURL = ['-sS', '--noproxy', '*', '-o', '/dev/null', '-w', '%{http_code}'];
const AS_OWNER = ['-u', 'dario:dario-token'];

function withTools(name: string, body: (node: SharedNode) => void): void {
  const missing = missingTools();
  if (missing.length === 0 || isCi()) {
    describeNode(name, body);
    return;
  }
  console.warn(`skipped: ${name}: needs ${missing.join(', ')}`);
  describe.skip(name, () => it('needs tools that are not here', () => undefined));
}

withTools('the utility image as pods of a real node', (node) => {
  const api = new Api(node);
  const handle = new NodeHandle(node.folder);
  /** What pods see as /home. */
  const homes = join(node.folder, 'node', 'home');
  const home = join(homes, 'dario');
  const undo: (() => Promise<void>)[] = [];
  let instance = '';
  let berth: BerthProcess;

  beforeAll(async () => {
    const image = await pushUtilityImage(node.registries.open);
    await installCrds(api);
    instance = await freshNamespace(api, 'berth');
    const ours = await grantRights(api, node, instance, ['fileservers']);
    const { registry, identity } = node;
    const files = aPlatform({ registry, identity, kubeconfig: () => kubeconfigFor(ours, instance, 'berth') });
    berth = await BerthProcess.prepare({
      ...files,
      config: `${files.config.replaceAll('3Gi', '64Mi').replaceAll('768Mi', '32Mi').replace('userlabs', 'homelabs\n  standardInithome: true')}
fileserver:
  enabled: true
  namespace: ${instance}
  idleTimeout: ${IDLE_SECONDS}s
  volumeMounts:
    - { containerPath: /home, volumeName: home }
`,
      extra: `${files.extra}
  fileservers: { publish: ingress, verifyUrl: 'http://${NODE_ADDRESS}:BERTH_PORT/nublado' }
`,
      environment: {
        ...files.environment,
        BERTH_INSTALL_CRDS: 'false',
        NUBLADO_CONTROLLER_REPOSITORY: image.repository,
        NUBLADO_CONTROLLER_TAG: image.tag,
      },
    });
    await berth.start();
    undo.push(await handle.expose(berth.port));
  });
  afterAll(async () => {
    await berth.dispose();
    for (const each of undo) await each();
    await api.close();
  });

  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, token: string, body?: object) => {
    const answer = await request(`${berth.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const inInstance = (group: string, plural: string): string =>
    `/${group === '' ? 'api/v1' : `apis/${group}/v1`}/namespaces/${instance}/${plural}`;
  const record = `/apis/berth.dev/v1alpha1/namespaces/`;
  const serverPods = async (): Promise<readonly Pod[]> => {
    const path = `${inInstance('', 'pods')}?labelSelector=nublado.lsst.io/category%3Dfileserver`;
    return (await api.get<List<Pod>>(path)).body.items;
  };
  /** Which processes of the node are file servers. */
  const servers = (): Promise<string> =>
    handle.enter('sh', '-c', 'grep -ls [w]orblehat /proc/[0-9]*/cmdline || true');
  /** GET F, and what an ingress controller does meanwhile; resolves with the pod, unless it has idled away. */
  const open = async (): Promise<Pod | undefined> => {
    const ingress = `${inInstance('networking.k8s.io', 'ingresses')}/dario-fs`;
    const status = { loadBalancer: { ingress: [{ ip: NODE_ADDRESS }] } };
    const opened = new AbortController();
    const opening = call('GET', '/files', 'dario-token').finally(() => opened.abort());
    while (!opened.signal.aborted) {
      await api.merge(`${ingress}/status`, { status });
      await sleep(50);
    }
    expect(await opening, berth.log).toMatchObject({ status: 200 });
    const [pod] = await serverPods();
    return pod;
  };
  const curl = (...args: readonly string[]): Promise<string> => handle.enter('curl', ...CURL, ...args);
  const uploads = (): number => readdirSync(home).filter((name) => name.startsWith('.berth-upload-')).length;
  /** An upload of which the first half has arrived; whenever the server has idled away before, once more. */
  const openBusy = async (file: string) => {
    for (let tries = 1; ; tries += 1) {
      const pod = await open();
      const url = `http://${pod?.status.podIP ?? NODE_ADDRESS}:8000/files/dario`;
      const client = handle.start('curl', ...CURL, ...AS_OWNER, '-T', '-', `${url}/home/dario/${file}`);
      const said = text(client.stdout);
      client.stdin.on('error', () => undefined);
      client.stdin.write('12345');
      while (uploads() === 0 && client.exitCode === null) await sleep(20);
      const finish = (): Promise<string> => {
        client.stdin.end('67890');
        return said;
      };
      if (pod && uploads() > 0) return { pod, url, finish };
      if (tries === TRIES) throw new Error(`no upload begins: ${await finish()}`);
    }
  };

  it('makes and prepares a home as the init containers of a lab', async () => {
    const accepted = await call('POST', '/nublado/spawner/v1/labs/dario/create', 'dario-token', {
      options: { image_tag: 'recommended', size: 'small' },
      env: { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/dario/', JUPYTERHUB_USER: 'dario' },
    });
    expect(accepted, berth.log).toMatchObject({ status: 201 });
    const url = `${berth.url}/nublado/spawner/v1/labs/dario/events`;
    const stream = await readStream({ url, token: 'dario-token' });
    await stream.ended;

    const told = stream.events.map(({ message }) => message).join('\n');
    expect(stream.events.at(-1)?.event, told).toBe('complete');
    expect(statSync(home)).toMatchObject({ uid: OWNER, gid: OWNER, mode: 0o40700 });
    expect(readdirSync(home)).toEqual(expect.arrayContaining(['.bashrc', '.dir_colors', '.gitconfig']));
    expect(statSync(join(home, '.bashrc'))).toMatchObject({ uid: OWNER, gid: OWNER });
    expect((await call('DELETE', '/nublado/spawner/v1/labs/dario', 'hub-token')).status).toBe(204);
  });

  it('serves files to nobody but their owner, as the owner, without any privilege, on a read-only root', async () => {
    const { url, finish } = await openBusy('first');
    const thesis = `${url}/home/dario/thesis`;

    const pass = (await handle.enter('rclone', 'obscure', 'dario-token')).trim();
    const remote = `:webdav,url='${url}/home/dario',vendor=other,user=dario,pass=${pass}:thesis`;

    const answers = [
      await curl('-T', '/etc/hostname', thesis),
      await curl('-u', 'dario:guess', '-T', '/etc/hostname', thesis),
      await curl('-u', 'rachel:rachel-token', thesis),
      await handle.enter('rclone', '--config', '/dev/null', 'copyto', '/etc/hostname', remote),
      await curl(...AS_OWNER, '-T', '/etc/hostname', `${url}/outside`),
      await curl(...AS_OWNER, '-X', 'DELETE', `${url}/home`),
    ];
    const server = await handle.enter(
      'sh',
      '-c',
      'for each in /proc/[0-9]*; do if grep -q [w]orblehat "$each/cmdline"; then cat "$each/status"; fi; done',
    );

    expect(answers).toEqual(['401', '401', '401', '', '403', '403']);
    expect(await finish()).toBe('201');
    expect(readFileSync(join(home, 'thesis'), 'utf8')).toBe(readFileSync('/etc/hostname', 'utf8'));
    expect(statSync(join(home, 'thesis'))).toMatchObject({ uid: OWNER, gid: OWNER });
    expect(server).toMatch(new RegExp(`^Uid:\\s+${OWNER}\\s+${OWNER}\\s+${OWNER}`, 'm'));
    expect(server).toMatch(/^CapBnd:\s+0+$/m);
    expect(server).toMatch(/^CapEff:\s+0+$/m);
    expect(server).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(server).toMatch(/^Seccomp:\s+2$/m);
  });

  it('ends by itself when nobody works, and nothing of it is left but the files', async () => {
    await openBusy('second').then(({ finish }) => finish());

    const { body } = await api.eventually<FileServer>(
      `${record}${instance}/fileservers/dario`,
      ({ body: seen }) => seen.status?.phase === 'stopped',
    );

    expect(body.status?.failure).toBeUndefined();
    expect(await serverPods()).toEqual([]);
    await expect.poll(servers, { timeout: 30_000 }).toBe('');
    expect(readdirSync(home)).toEqual(expect.arrayContaining(['first', 'second', 'thesis']));
  });

  it('lets an upload end that is under way when the kubelet ends the pod', async () => {
    const { pod, url, finish } = await openBusy('late');
    const removing = call('DELETE', '/nublado/fileserver/v1/users/dario', 'admin-token');
    // It was told to end as soon as it no longer listens.
    const listens = (): Promise<boolean> =>
      curl(...AS_OWNER, url).then(
        () => true,
        () => false,
      );
    await expect.poll(listens, { timeout: 60_000 }).toBe(false);

    const finished = await finish();

    expect(pod.spec.terminationGracePeriodSeconds).toBe(DEFAULT_DRAIN_SECONDS);
    expect(finished).toBe('201');
    expect(await removing).toMatchObject({ status: 204 });
    expect(readFileSync(join(home, 'late'), 'utf8')).toBe('1234567890');
    expect(await serverPods()).toEqual([]);
    await expect.poll(servers, { timeout: 30_000 }).toBe('');
  });

  it('shows an administrator every home, with the tools to look at them', async () => {
    const started = await call('POST', '/nublado/fsadmin/v1/service', 'admin-token', { start: true });
    expect(started, berth.log).toMatchObject({ status: 200 });
    // The pod waits by `tail`; what it sees is what its process has as root.
    const asFsadmin = (script: string): Promise<string> => {
      const isOurs = `[ "$(tr '\\0' ' ' <$each/cmdline 2>/dev/null)" = 'tail -f /dev/null ' ]`;
      const run = `if ${isOurs}; then chroot $each/root ${script}; fi`;
      return handle.enter('sh', '-c', `for each in /proc/[0-9]*; do ${run}; done`);
    };

    const seen = await asFsadmin("bash -c 'rsync -a /home/dario/thesis /home/copy && ls -n /home'");

    expect(seen).toMatch(new RegExp(` ${OWNER}\\s+${OWNER}\\s.* copy$`, 'm'));
    // It heeds no signal, and nobody waits for its grace.
    await api.remove(`${inInstance('', 'pods')}/fsadmin`, { gracePeriodSeconds: 0 });
    await expect.poll(() => asFsadmin('true; echo there'), { timeout: 30_000 }).toBe('');
  });
});
