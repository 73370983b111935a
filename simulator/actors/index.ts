import { Client } from './client.js';
import { ClaimBinding } from './claims.js';
import { OwnerCollector } from './collector.js';
import { Discovery } from './discovery.js';
import { GafaelfawrIngresses, IngressAddresses } from './ingresses.js';
import type { IngressOptions } from './ingresses.js';
import { Jobs } from './jobs.js';
import { Fleet } from './kubelet/fleet.js';
import type { FleetOptions } from './kubelet/fleet.js';
import type { Connection } from './kubeconfig.js';
import { NamespaceDeletion } from './namespaces.js';
import { Scheduler } from './scheduler.js';
import { ServiceAccounts } from './service-accounts.js';
import { SharedInformers } from './shared.js';
import type { Actor } from './types.js';

export { connectionFromKubeconfig } from './kubeconfig.js';
export type { Connection } from './kubeconfig.js';
export type { Fleet, FleetOptions } from './kubelet/fleet.js';

export type ActorName =
  | 'serviceAccounts'
  | 'namespaces'
  | 'owners'
  | 'scheduler'
  | 'claims'
  | 'jobs'
  | 'ingresses'
  | 'gafaelfawr'
  | 'kubelets';

export { labPageScript } from './lab-page.js';

export interface ActorOptions {
  server: Connection;
  /** Which actors; default all. On a real control plane: `['kubelets']`. */
  only?: ActorName[];
  kubelets?: FleetOptions;
  /** Real milliseconds a namespace takes to go at least; default 50, a real one takes 5,000. */
  namespaceMinimumMs?: number;
  ingresses?: IngressOptions;
}

export interface Actors extends Actor {
  /** The scripted nodes; without any if kubelets were left out. */
  fleet: Fleet;
}

/** Starts the actors against any API server; resolves when each of them has seen the whole cluster once. */
export async function startActors(options: ActorOptions): Promise<Actors> {
  const client = new Client(options.server);
  const informers = new SharedInformers(client);
  const discovery = new Discovery(informers);
  const fleet = new Fleet(informers, options.kubelets);
  const makers: Record<ActorName, () => Actor & { start(): Promise<void> }> = {
    serviceAccounts: () => new ServiceAccounts(informers),
    namespaces: () => new NamespaceDeletion(informers, discovery, options.namespaceMinimumMs ?? 50),
    owners: () => new OwnerCollector(informers, discovery),
    scheduler: () => new Scheduler(informers),
    claims: () => new ClaimBinding(informers),
    jobs: () => new Jobs(informers, options.kubelets?.timeScale ?? 1),
    ingresses: () => new IngressAddresses(informers, options.ingresses),
    gafaelfawr: () => new GafaelfawrIngresses(informers),
    kubelets: () => fleet,
  };
  const names = options.only ?? (Object.keys(makers) as ActorName[]);
  const actors = names.map((name) => makers[name]());
  if (names.includes('namespaces') || names.includes('owners')) await discovery.start();
  await Promise.all(actors.map((each) => each.start()));
  return {
    fleet,
    close: async () => {
      await Promise.all(actors.map((each) => each.close()));
      await informers.stop();
      await client.close();
    },
  };
}
