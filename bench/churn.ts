import { BareClient, type ApiAddress } from './api.js';
import { settle } from './scale.js';

/** A second: each of 3,000 pods once a minute, each of 200 nodes every ten seconds, as often as a kubelet tells its state at all. */
const A_SECOND = { pods: 50, events: 10, nodes: 20 };
const STEP = 100;

interface Named {
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly uid: string };
}

/** The cluster's own unrest around labs that have settled: kubelets that touch pods and nodes, and Events about both. */
export class Churn {
  private done = 0;

  private constructor(
    private readonly client: BareClient,
    private readonly pods: readonly Named[],
    private readonly nodes: readonly Named[],
  ) {}

  static async among(api: ApiAddress): Promise<Churn> {
    const client = new BareClient(api, 'kubelet');
    const read = async (path: string): Promise<readonly Named[]> =>
      ((await client.call(path)).body as { readonly items: readonly Named[] }).items;
    const category = encodeURIComponent('nublado.lsst.io/category=lab');
    return new Churn(
      client,
      await read(`/api/v1/pods?labelSelector=${category}`),
      await read('/api/v1/nodes'),
    );
  }

  /** How many objects were changed or made so far. */
  get deeds(): number {
    return this.done;
  }

  /** Goes on for so many milliseconds. */
  async go(span: number): Promise<void> {
    const end = performance.now() + span;
    const perStep = (each: number): number => (each * STEP) / 1_000;
    for (let step = 0; performance.now() < end; step += 1) {
      await Promise.all([
        settle(STEP),
        ...some(this.pods, step, perStep(A_SECOND.pods)).map((pod) => this.touch('pods', pod)),
        ...some(this.pods, step, perStep(A_SECOND.events)).map((pod) => this.tell(pod, step)),
        ...some(this.nodes, step, perStep(A_SECOND.nodes)).map((node) => this.touch('nodes', node)),
      ]);
    }
  }

  close(): Promise<void> {
    return this.client.close();
  }

  /** A new state of the object that says nothing new. */
  private async touch(plural: string, { metadata }: Named): Promise<void> {
    const place = metadata.namespace === undefined ? '' : `namespaces/${metadata.namespace}/`;
    const { status } = await this.client.call(`/api/v1/${place}${plural}/${metadata.name}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { metadata: { annotations: { 'bench.example.org/at': String(performance.now()) } } },
    });
    this.count(status, 200);
  }

  private async tell({ metadata }: Named, step: number): Promise<void> {
    const { namespace = '', name, uid } = metadata;
    const { status } = await this.client.call(`/api/v1/namespaces/${namespace}/events`, {
      method: 'POST',
      body: {
        metadata: { name: `${name}.${String(step)}.${String(performance.now())}` },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
        reason: 'Unhealthy',
        message: 'Readiness probe failed',
        type: 'Warning',
      },
    });
    this.count(status, 201);
  }

  private count(status: number, wanted: number): void {
    if (status !== wanted)
      throw new Error(`Churn was answered ${String(status)} instead of ${String(wanted)}`);
    this.done += 1;
  }
}

/** So many of them, other ones each time. */
const some = <T>(all: readonly T[], turn: number, count: number): readonly T[] =>
  Array.from(
    { length: Math.min(count, all.length) },
    (_, index) => all[(turn * count + index) % all.length],
  ).flatMap((one) => (one === undefined ? [] : [one]));
