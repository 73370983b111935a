import { shapeOf, withoutChance, type Stored } from '../../support/cluster-shapes.js';
import type { Api, Thing } from './api.js';

const KINDS = [
  'api/v1/configmaps',
  'api/v1/secrets',
  'api/v1/serviceaccounts',
  'api/v1/services',
  'api/v1/resourcequotas',
  'api/v1/persistentvolumeclaims',
  'api/v1/pods',
  'apis/networking.k8s.io/v1/networkpolicies',
];

/** The cluster's own; whoever runs on it has no part in them. */
const OTHERS = new Set(['kube-root-ca.crt', 'default']);

interface Record extends Thing {
  readonly spec: { readonly operation: { readonly id: string } };
  readonly status?: {
    readonly phase: string;
    readonly operation?: { readonly ended?: string };
    readonly failure?: { readonly reason: string };
    readonly ledger?: readonly { readonly reason: string; readonly message: string }[];
    readonly past?: readonly { readonly end: string }[];
  };
}

/** Entries that repeat what others tell of a pod: a leader that came later may not have heard all of it. */
const HEARD = ['scheduled', 'pulling', 'pulled', 'created', 'started'];

export interface Picture {
  readonly objects: readonly object[];
  readonly record: object;
  /** Reason and message of each entry. */
  readonly ledger: readonly (readonly [reason: string, message: string])[];
}

/** The picture without what is chance in its story. */
export const steady = ({ ledger, ...rest }: Picture): Picture => ({
  ...rest,
  ledger: ledger.filter(([reason]) => !HEARD.includes(reason)),
});

/** What a real API server holds of one user of an instance, with what differs from run to run and user to user taken out. */
export class RealPicture {
  constructor(
    private readonly api: Api,
    private readonly instance: string,
  ) {}

  async of(user: string): Promise<Picture> {
    const namespace = `${this.instance}-${user}`;
    const lab = await this.record(user);
    const found = await this.api.get<Stored>(`/api/v1/namespaces/${namespace}`);
    const objects = await Promise.all(KINDS.map((kind) => this.objects(kind, namespace)));
    const { id, ...operation } = lab.spec.operation;
    const { phase, operation: progress, failure, ledger = [], past = [] } = lab.status ?? {};
    const picture: Picture = {
      objects: found.status === 200 ? [shapeOf(found.body), ...objects.flat()] : [],
      record: {
        labels: lab.metadata.labels,
        spec: { ...lab.spec, operation },
        phase,
        ended: progress?.ended,
        failure: failure?.reason,
        past: past.map(({ end }) => end),
        requests: (await this.requestsOf(user)).length,
      },
      ledger: ledger.map(({ reason, message }) => [reason, message]),
    };
    const text = JSON.stringify(withoutChance(picture, id))
      .replaceAll(this.instance, 'INSTANCE')
      .replaceAll(user, 'USER');
    return JSON.parse(text) as Picture;
  }

  /** Resolves when the request of the spawn is gone, which is the last that a spawn does. */
  async requestServed(user: string): Promise<void> {
    while ((await this.requestsOf(user)).length > 0) await pause();
  }

  /** Resolves when the record of the lab is filed, which is the last that a stop does. */
  async filed(user: string): Promise<void> {
    while ((await this.record(user)).metadata.labels?.['berth.dev/state'] !== 'stopped') await pause();
  }

  private async requestsOf(user: string): Promise<readonly Thing[]> {
    const path = `/api/v1/namespaces/${this.instance}/secrets`;
    const { body } = await this.api.get<{ items: readonly Thing[] }>(path);
    return body.items.filter(({ metadata }) => metadata.name.includes(user));
  }

  private async record(user: string): Promise<Record> {
    const path = `/apis/berth.dev/v1alpha1/namespaces/${this.instance}/labs/${user}`;
    return (await this.api.get<Record>(path)).body;
  }

  private async objects(kind: string, namespace: string): Promise<readonly object[]> {
    const [, group = '', resource = ''] = /^(.*)\/([a-z]+)$/.exec(kind) ?? [];
    const path = `/${group}/namespaces/${namespace}/${resource}`;
    const { body } = await this.api.get<{ items: readonly Stored[] }>(path);
    return body.items
      .filter(({ metadata }) => !OTHERS.has(metadata.name))
      .map((object) => {
        const { data, ...shape } = shapeOf(object);
        // Secrets differ from user to user.
        return { resource, ...shape, data: resource === 'secrets' ? Object.keys(data ?? {}) : data };
      });
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
