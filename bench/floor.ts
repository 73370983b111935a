import { BareClient } from './api.js';

interface PlainObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
}

interface Template {
  readonly path: string;
  readonly text: string;
}

/** Read from a lab that Berth made, in the order in which a lab's objects are made (contract 5.2). */
const kinds = [
  'serviceaccounts',
  'configmaps',
  'secrets',
  'resourcequotas',
  'networkpolicies',
  'services',
  'pods',
] as const;
const groupOf = (plural: string): string =>
  plural === 'networkpolicies' ? 'apis/networking.k8s.io/v1' : 'api/v1';

/** What the cluster adds by itself. */
const MADE_BY_CLUSTER = new Set(['kube-root-ca.crt']);

/**
 * The floor: a bare client that makes the same objects one after the other and watches the pods, and knows nothing else.
 * With `sameWrites` it also makes as many further writes as Berth does for its record and its request.
 */
export class Floor {
  private readonly client: BareClient;
  private readonly started = new Map<string, () => void>();
  private watching = false;

  private constructor(
    apiUrl: string,
    private readonly templates: readonly Template[],
    private readonly record: Template,
    private readonly model: string,
  ) {
    this.client = new BareClient(apiUrl);
  }

  /** Takes the lab of `model`, which runs, as the pattern of all others. */
  static async after(apiUrl: string, model: string): Promise<Floor> {
    const client = new BareClient(apiUrl);
    const namespace = `userlabs-${model}`;
    const read = async (path: string): Promise<readonly PlainObject[]> => {
      const { body } = await client.call(`/${path}`);
      const {
        items = [],
        kind,
        apiVersion,
      } = body as { items?: PlainObject[]; kind: string; apiVersion: string };
      return items.map((item) => ({ ...item, kind: kind.replace(/List$/, ''), apiVersion }));
    };
    const space = (await client.call(`/api/v1/namespaces/${namespace}`)).body as PlainObject;
    const lists = await Promise.all(
      kinds.map(async (plural) => {
        const path = `${groupOf(plural)}/namespaces/${namespace}/${plural}`;
        const items = await read(path);
        return items
          .filter(({ metadata }) => !MADE_BY_CLUSTER.has(metadata.name))
          .map((item) => ({ path, text: JSON.stringify(bare(item)) }));
      }),
    );
    const labs = await read('apis/berth.dev/v1alpha1/namespaces/berth/labs');
    const lab = labs.find(({ metadata }) => metadata.name === model);
    if (!lab) throw new Error(`There is no lab of ${model} to learn from.`);
    await client.close();
    const templates = [{ path: 'api/v1/namespaces', text: JSON.stringify(bare(space)) }, ...lists.flat()];
    const record = { path: 'apis/berth.dev/v1alpha1/namespaces/floor/labs', text: JSON.stringify(bare(lab)) };
    return new Floor(apiUrl, templates, record, model);
  }

  /** Makes the objects of `user` and resolves when the pod's container runs. */
  async spawn(user: string, sameWrites: boolean): Promise<void> {
    this.watch();
    const running = new Promise<void>((resolve) => {
      this.started.set(`userlabs-${user}`, resolve);
    });
    if (sameWrites) await this.openRecord(user);
    for (const template of this.templates) await this.make(template, user);
    if (sameWrites) await this.keepRecord(user);
    await running;
    if (sameWrites) await this.endRecord(user);
  }

  async remove(user: string): Promise<void> {
    await this.client.call(`/api/v1/namespaces/userlabs-${user}`, { method: 'DELETE' });
    await this.client.call(`/${this.record.path}/${user}`, { method: 'DELETE' });
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private async make({ path, text }: Template, user: string): Promise<void> {
    const { status, body } = await this.client.call(`/${this.rename(path, user)}`, {
      method: 'POST',
      body: JSON.parse(this.rename(text, user)) as unknown,
    });
    // The cluster makes the service account too; whoever is first wins.
    if (status !== 201 && status !== 409)
      throw new Error(`The floor's ${path} was refused: ${JSON.stringify(body)}`);
  }

  private rename = (text: string, user: string): string => text.replaceAll(this.model, user);

  private async openRecord(user: string): Promise<void> {
    await this.make(
      { ...this.record, text: this.record.text.replace('"namespace":"berth"', '"namespace":"floor"') },
      user,
    );
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: user },
      stringData: { token: 'x'.repeat(64) },
    };
    await this.client.call('/api/v1/namespaces/floor/secrets', { method: 'POST', body: secret });
  }

  private async keepRecord(user: string): Promise<void> {
    await this.patchStatus(user, [{ op: 'add', path: '/status', value: { phase: 'pending' } }]);
    await this.client.call(`/api/v1/namespaces/floor/secrets/${user}`, { method: 'DELETE' });
  }

  /** The end of a spawn: its status, and one Kubernetes Event. */
  private async endRecord(user: string): Promise<void> {
    await this.patchStatus(user, [{ op: 'add', path: '/status/phase', value: 'running' }]);
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${user}.end` },
      involvedObject: { kind: 'Lab', name: user, namespace: 'floor' },
      reason: 'Complete',
      type: 'Normal',
    };
    await this.client.call('/api/v1/namespaces/floor/events', { method: 'POST', body: event });
  }

  private async patchStatus(user: string, operations: readonly object[]): Promise<void> {
    await this.client.call(`/${this.record.path}/${user}/status`, {
      method: 'PATCH',
      body: operations,
      headers: { 'content-type': 'application/json-patch+json' },
    });
  }

  /** One watch for all pods, as any sensible client would. */
  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    void this.follow().catch(() => {
      this.watching = false;
    });
  }

  private async follow(): Promise<void> {
    for await (const line of this.client.lines('/api/v1/pods?watch=true')) {
      const { object } = JSON.parse(line) as { object: RunningPod };
      if (!object.status?.containerStatuses?.some(({ state }) => state?.running)) continue;
      this.started.get(object.metadata.namespace ?? '')?.();
    }
  }
}

interface RunningPod {
  readonly metadata: { readonly namespace?: string };
  readonly status?: {
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: unknown } }[];
  };
}

const SERVER_METADATA = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'managedFields',
  'ownerReferences',
  'finalizers',
]);
const SERVER_SPEC = new Set(['nodeName', 'clusterIP', 'clusterIPs', 'finalizers']);

/** The object as a client would send it. */
function bare(object: PlainObject): object {
  const { spec, ...rest } = object as PlainObject & { spec?: Record<string, unknown> };
  return {
    ...without(rest, new Set(['status'])),
    metadata: without(rest.metadata, SERVER_METADATA),
    ...(spec ? { spec: without(spec, SERVER_SPEC) } : {}),
  };
}

const without = (fields: Record<string, unknown>, names: ReadonlySet<string>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
