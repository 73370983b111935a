import { BareClient, type Answer, type ApiAddress } from './api.js';
import { settle } from './scale.js';
import { templatesOf } from './templates.js';
import type { LabTemplates, Template } from './templates.js';

const ACCOUNTS = 'serviceaccounts';
const OVERWHELMED: ReadonlySet<number> = new Set([429, 500, 503, 504]);

/**
 * The floor: a bare client that makes the same objects one after the other and watches its pods, and knows nothing else.
 * With `sameWrites` it also makes as many further writes as Berth does for its record and its request.
 *
 * Its objects are as large as Berth's, and marked as those of another instance in namespaces that Berth has no eye on:
 * under Berth's own marks it would adopt each of them, and the floor would be slowed down by what it is compared with.
 */
export class Floor {
  private readonly started = new Map<string, () => void>();
  private readonly accounts = new Map<string, () => void>();
  private watching = false;
  private closed = false;

  private constructor(
    private readonly client: BareClient,
    private readonly templates: LabTemplates,
    private readonly model: string,
    private readonly waits: boolean,
  ) {}

  /**
   * Takes the lab of `model`, which runs, as the pattern of all others. One that `waits` leaves each namespace's service
   * account to the cluster, as KubeSpawner and Nublado's controller do: without it a pod is refused.
   */
  static async after(api: ApiAddress, model: string, waits = false): Promise<Floor> {
    const client = new BareClient(api, 'floor');
    const { objects, record } = await templatesOf(client, model);
    const wanted = objects.filter(({ path }) => !waits || !path.endsWith(ACCOUNTS));
    const templates = { objects: wanted.map(disguised), record: disguised(record) };
    return new Floor(client, templates, model, waits);
  }

  /** Requests so far. */
  get requests(): number {
    return this.client.requests;
  }

  /** Makes the objects of `user` and resolves when the pod's container runs. */
  async spawn(user: string, sameWrites: boolean): Promise<void> {
    this.watch();
    const running = new Promise<void>((resolve) => {
      this.started.set(`userflor-${user}`, resolve);
    });
    if (sameWrites) await this.openRecord(user);
    await this.makeObjects(user);
    if (sameWrites) await this.keepRecord(user);
    await running;
    if (sameWrites) await this.endRecord(user);
  }

  /** Makes the objects of `user`, whatever becomes of them. */
  async makeObjects(user: string): Promise<void> {
    const [space, ...rest] = this.templates.objects;
    if (!space) return;
    const account = new Promise<void>((resolve) => {
      this.accounts.set(`userflor-${user}`, resolve);
    });
    await this.make(space, user);
    if (this.waits) await account;
    for (const template of rest) await this.make(template, user);
  }

  /** Deletes what `users` had, and resolves when nothing of it is left. */
  async remove(users: readonly string[]): Promise<void> {
    await Promise.all(
      users.map(async (user) => {
        await this.client.call(`/api/v1/namespaces/userflor-${user}`, { method: 'DELETE' });
        await this.client.call(`/${this.templates.record.path}/${user}`, { method: 'DELETE' });
      }),
    );
    while (await this.anyLeft()) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.client.close();
  }

  private async anyLeft(): Promise<boolean> {
    const { body } = await this.client.call('/api/v1/namespaces');
    const { items } = body as { items: readonly { metadata: { name: string } }[] };
    return items.some(({ metadata }) => metadata.name.startsWith('userflor-'));
  }

  private async make({ path, text }: Template, user: string): Promise<void> {
    const call = { method: 'POST', body: this.rename(text, user) } as const;
    const send = (): Promise<Answer> => this.client.call(`/${this.rename(path, user)}`, call);
    let answer = await send();
    // A real API server that a burst overwhelms says so: any client asks again.
    for (let again = 0; again < 5 && OVERWHELMED.has(answer.status); again += 1) {
      await settle(500);
      answer = await send();
    }
    // The cluster makes the service account too; whoever is first wins.
    if (answer.status !== 201 && answer.status !== 409)
      throw new Error(`The floor's ${path} was refused: ${JSON.stringify(answer.body)}`);
  }

  private rename = (text: string, user: string): string => text.replaceAll(this.model, user);

  private async openRecord(user: string): Promise<void> {
    await this.make(this.templates.record, user);
    await this.send('/api/v1/namespaces/floor/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: user },
      stringData: { token: 'x'.repeat(64) },
    });
  }

  private async keepRecord(user: string): Promise<void> {
    await this.patchStatus(user, [{ op: 'add', path: '/status', value: { phase: 'pending' } }]);
    await this.expect(`/api/v1/namespaces/floor/secrets/${user}`, { method: 'DELETE' });
  }

  /** The end of a spawn: its status, and one Kubernetes Event. */
  private async endRecord(user: string): Promise<void> {
    await this.patchStatus(user, [{ op: 'add', path: '/status/phase', value: 'running' }]);
    await this.send('/api/v1/namespaces/floor/events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${user}.${String(performance.now())}` },
      involvedObject: { kind: 'Lab', name: user, namespace: 'floor' },
      reason: 'Complete',
      type: 'Normal',
    });
  }

  private patchStatus(user: string, operations: object): Promise<void> {
    return this.expect(`/${this.templates.record.path}/${user}/status`, {
      method: 'PATCH',
      body: operations,
      headers: { 'content-type': 'application/json-patch+json' },
    });
  }

  private send(path: string, body: object): Promise<void> {
    return this.expect(path, { method: 'POST', body });
  }

  /** A write that fails would make the floor cheaper than it is. */
  private async expect(path: string, call: Parameters<BareClient['call']>[1]): Promise<void> {
    const { status, body } = await this.client.call(path, call);
    if (status >= 300) throw new Error(`The floor's ${path} was refused: ${JSON.stringify(body)}`);
  }

  /** One watch for all its pods, as any sensible client would, and one for all service accounts where it waits for them. */
  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    const pods = `/api/v1/pods?labelSelector=${encodeURIComponent(`${CATEGORY}=flo`)}`;
    this.follow(pods, ({ metadata, status }) => {
      if (!status?.containerStatuses?.some(({ state }) => state?.running)) return;
      this.started.get(metadata.namespace ?? '')?.();
    });
    if (!this.waits) return;
    this.follow(`/api/v1/${ACCOUNTS}`, ({ metadata }) => {
      this.accounts.get(metadata.namespace ?? '')?.();
    });
  }

  /** Until the floor is closed: an API server cuts off a watch whose reader is too slow, and a list then tells what was missed. */
  private follow(path: string, heed: (object: Watched) => void): void {
    const once = async (): Promise<void> => {
      const { metadata, items } = (await this.client.call(path)).body as Listed;
      for (const item of items) heed(item);
      const from = `${path.includes('?') ? '&' : '?'}watch=true&resourceVersion=${metadata.resourceVersion}`;
      for await (const line of this.client.lines(path + from))
        heed((JSON.parse(line) as { object: Watched }).object);
    };
    void (async () => {
      while (!this.closed) await once().catch(() => settle(500));
    })();
  }
}

interface Listed {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Watched[];
}

interface Watched {
  readonly metadata: { readonly namespace?: string };
  readonly status?: {
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: unknown } }[];
  };
}

const CATEGORY = 'nublado.lsst.io/category';

/** The same bytes under other names: prefix, category and instance are replaced by words of the same length. */
function disguised({ path, text }: Template): Template {
  const other = (words: string): string =>
    words.replaceAll('userlabs-', 'userflor-').replaceAll('namespaces/berth/', 'namespaces/floor/');
  return {
    path: other(path),
    text: other(text)
      .replaceAll(`"${CATEGORY}":"lab"`, `"${CATEGORY}":"flo"`)
      .replaceAll('"berth.dev/instance":"berth"', '"berth.dev/instance":"floor"')
      .replace('"namespace":"berth"', '"namespace":"floor"'),
  };
}
