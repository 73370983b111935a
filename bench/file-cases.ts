import { BareClient } from './api.js';
import { median, percentile, timed, type Figure } from './figures.js';
import { benchUser, type BenchPlatform } from './platform.js';
import { settle, type Scale } from './scale.js';
import { byVerb, writesOf } from './writes.js';

/** File servers in the configuration of a platform; plain Ingresses, which the embedded cluster gives an address. */
export const FILES_SECTION = `
fileserver:
  enabled: true
  namespace: fileservers
  volumeMounts: [{ containerPath: /home, volumeName: home }]
`;
/** In Berth's own section of it. */
export const FILES_PUBLISHED = `  fileservers: { publish: ingress, verifyUrl: http://berth.berth/nublado }\n`;

interface Asked {
  readonly status: number;
  readonly took: number;
}

type Ask = (method: 'GET' | 'DELETE', path: string, token: string) => Promise<Asked>;

/** `GET /files` for everybody at once, then the removal of all, with every request counted. */
export async function fileServers(platform: BenchPlatform, scale: Scale): Promise<Figure[]> {
  const users = Array.from({ length: scale.files }, (_, index) => benchUser(index));
  const client = new BareClient({ url: platform.url }, 'bench', 2_000);
  const ask: Ask = async (method, path, token) => {
    const headers = { authorization: `Bearer ${token}`, accept: '*/*' };
    let status = 0;
    const took = await timed(async () => {
      ({ status } = await client.call(path, { method, headers }));
    });
    return { status, took };
  };
  const openAll = (): Promise<Asked[]> =>
    Promise.all(users.map((user) => ask('GET', '/files', `${user}-token`)));
  const removeAll = (): Promise<Asked[]> =>
    Promise.all(users.map((user) => ask('DELETE', `/nublado/fileserver/v1/users/${user}`, 'admin-token')));
  await platform.settled();
  const opened = await round(platform, openAll);
  const again = await round(platform, openAll);
  const removed = await round(platform, removeAll);
  await client.close();
  return figuresOf(opened, again, removed);
}

function figuresOf(opened: Round, again: Round, removed: Round): Figure[] {
  const took = opened.answers.map((one) => one.took);
  const failed = ({ answers }: Round, good: number): number =>
    answers.filter(({ status }) => status !== good).length;
  const users = String(took.length);
  return [
    {
      name: `${users} open their files at once: failed`,
      value: failed(opened, 200),
      unit: '',
      budget: 'none',
    },
    { name: 'wall', value: opened.wall, unit: 'ms' },
    { name: 'GET /files to its page, median', value: median(took), unit: 'ms' },
    { name: 'GET /files to its page, p99', value: percentile(took, 0.99), unit: 'ms' },
    ...opened.figures('a server that opens'),
    { name: 'CPU of Berth per server that opens', value: opened.cpu, unit: 'ms' },
    { name: 'CPU of the cluster per server that opens', value: opened.clusterCpu, unit: 'ms' },
    { name: 'all once more: requests in all', value: again.requests, unit: '', budget: 'none' },
    { name: 'removed at once: failed', value: failed(removed, 204), unit: '', budget: 'none' },
    ...removed.figures('a server that goes'),
  ];
}

interface Round {
  readonly answers: readonly Asked[];
  readonly wall: number;
  readonly cpu: number;
  readonly clusterCpu: number;
  readonly requests: number;
  figures(what: string): readonly Figure[];
}

async function round(platform: BenchPlatform, work: () => Promise<Asked[]>): Promise<Round> {
  await platform.counts();
  const before = await platform.controller.cpuMs();
  const clusterBefore = await platform.clusterCpuMs();
  let answers: Asked[] = [];
  const wall = await timed(async () => {
    answers = await work();
  });
  const size = answers.length;
  const cpu = ((await platform.controller.cpuMs()) - before) / size;
  const clusterCpu = ((await platform.clusterCpuMs()) - clusterBefore) / size;
  // Events come after the answer.
  await settle(1_500);
  const counts = await platform.counts();
  const verbs = Array.from(byVerb(counts));
  const events = counts['berth create events'] ?? 0;
  const writes = (writesOf('berth', counts) - events) / size;
  return {
    answers,
    wall,
    cpu,
    clusterCpu,
    requests: verbs.reduce((sum, [, count]) => sum + count, 0),
    figures: (what) => [
      { name: `writes of ${what}`, value: writes, unit: '', budget: 'objects, record, end' },
      { name: `Kubernetes Events of ${what}`, value: events / size, unit: '', budget: 'at most 4' },
      ...verbs
        .filter(([verb]) => verb === 'get' || verb === 'list')
        .map(([verb, count]) => ({ name: `reads of ${what}: ${verb}`, value: count / size, unit: '' })),
    ],
  };
}
