import type { V1Ingress, V1Job, V1Pod } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';

import { AppSettings } from '../config/index.js';
import type { EnabledFileserver } from '../config/index.js';
import { LabNodes } from '../labs/index.js';
import { Informers, KubeConnection, PODS, SERVICES } from '../kubernetes/index.js';
import type { Informer, KubeObject, ResourceKind } from '../kubernetes/index.js';
import {
  ingressReach,
  jobOf,
  mainPod,
  ownerOf,
  partOf,
  podOf,
  routeReach,
  serverOfPart,
} from './fileserver-observed.mapper.js';
import type { JobFacts, PartFacts, PodFacts, Viewer } from './fileserver-observed.mapper.js';
import { CATEGORY_LABEL, FILESERVER } from './fileserver.marks.js';
import type { FileServer } from './fileserver.js';
import type { Part } from './fileserver.decision.js';
import { objectName, serverOfObject } from './fileserver.names.js';
import type { ObservedPart, ObservedServer, Reach } from './fileserver.observed.js';
import { GAFAELFAWR_INGRESSES, HTTP_ROUTES, INGRESSES, JOBS } from './objects/index.js';
import type { HttpRoute } from './objects/index.js';

interface RouteFacts extends PartFacts {
  readonly reach: Reach;
}

/** What a name in the file servers' namespace stands for, whether or not it has a record. */
export interface ServerPlace {
  readonly name: string;
  readonly parts: Readonly<Record<Part, PartFacts | undefined>>;
  readonly job: JobFacts | undefined;
  readonly pod: ObservedServer['pod'];
}

/** What the cluster holds of file servers besides their records. */
@Injectable()
export class FileserverWorld {
  readonly files: EnabledFileserver;
  private readonly jobs: Informer<JobFacts>;
  private readonly services: Informer<PartFacts>;
  private readonly pods: Informer<PodFacts>;
  /** What traffic follows: an Ingress or an HTTPRoute. */
  private readonly routes: Informer<RouteFacts>;
  /** What Gafaelfawr makes its Ingress of. */
  private readonly wishes: Informer<PartFacts> | undefined;

  constructor(
    private readonly informers: Informers,
    settings: AppSettings,
    private readonly connection: KubeConnection,
    private readonly nodes: LabNodes,
  ) {
    const { fileserver, berth } = settings;
    if (!fileserver.enabled) throw new Error('file servers are not enabled');
    this.files = fileserver;
    this.jobs = this.watch<V1Job, JobFacts>(JOBS, jobOf);
    this.services = this.watch<KubeObject, PartFacts>(SERVICES, partOf, true);
    this.pods = informers.add<V1Pod, PodFacts>({
      kind: PODS,
      namespace: fileserver.namespace,
      labelSelector: `${CATEGORY_LABEL}=${FILESERVER}`,
      project: podOf,
      indexes: { job: ({ jobName }) => [jobName] },
    });
    const { publish } = berth.fileservers;
    this.routes =
      publish === 'httproute'
        ? this.watch<HttpRoute, RouteFacts>(HTTP_ROUTES, (route) => ({
            ...partOf(route),
            reach: routeReach(route),
          }))
        : this.watch<V1Ingress, RouteFacts>(INGRESSES, (ingress) => ({
            ...partOf(ingress),
            reach: ingressReach(ingress),
          }));
    if (publish === 'gafaelfawr') {
      this.wishes = this.watch<KubeObject, PartFacts>(GAFAELFAWR_INGRESSES, partOf, true);
    }
  }

  get synced(): boolean {
    const all = [this.jobs, this.services, this.pods, this.routes, ...(this.wishes ? [this.wishes] : [])];
    return this.nodes.synced && all.every((informer) => informer.synced);
  }

  observe(
    server: FileServer,
  ): Pick<ObservedServer, 'job' | 'service' | 'route' | 'derivedRoute' | 'pod' | 'node' | 'reach'> {
    const viewer: Viewer = {
      instance: this.connection.namespace,
      server: server.name,
      uid: server.uid,
      operation: server.wish.operation.id,
    };
    const seen = (part: PartFacts | undefined): ObservedPart | undefined =>
      part && { uid: part.uid, owner: ownerOf(part, viewer), deleting: part.deleting };
    const { parts, job, pod } = this.place(server.name);
    const found = seen(job);
    const route = this.routes.get(this.ref(server.name));
    return {
      job: found && job && { ...found, finished: job.finished, asks: job.asks },
      node: pod?.node === undefined ? undefined : this.nodes.stateOf(pod.node),
      service: seen(parts.service),
      route: seen(parts.route),
      derivedRoute: this.wishes !== undefined && route !== undefined,
      pod,
      reach: route?.reach ?? { open: false, why: 'its Ingress does not exist' },
    };
  }

  place(name: string): ServerPlace {
    const ref = this.ref(name);
    const job = this.jobs.get(ref);
    const parts = {
      route: (this.wishes ?? this.routes).get(ref),
      service: this.services.get(ref),
      job,
    };
    const pod = job && mainPod(this.pods.by('job', ref.name), job.uid);
    return { name, parts, job, pod };
  }

  /** Every server of which the namespace holds anything. */
  places(): readonly ServerPlace[] {
    const all = [this.jobs, this.services, this.wishes ?? this.routes] as readonly Informer<PartFacts>[];
    const names = new Set(all.flatMap((informer) => informer.list().flatMap(serverOfPart)));
    return Array.from(names, (name) => this.place(name));
  }

  /** The server that a pod of this namespace belongs to, by the name of the pod. */
  serverOfPod(podName: string): string | undefined {
    return serverOfObject(podName.replace(/-[^-]+$/, ''));
  }

  /** Calls back with the name of each server of which something changed; the returned function ends it. */
  onChange(listener: (name: string) => void): () => void {
    const tell = (part: PartFacts): void => {
      for (const name of serverOfPart(part)) listener(name);
    };
    const ends = [
      this.jobs.onChange(({ value }) => tell(value)),
      this.services.onChange(({ value }) => tell(value)),
      this.routes.onChange(({ value }) => tell(value)),
      this.pods.onChange(({ value }) => {
        const name = serverOfObject(value.jobName);
        if (name !== undefined) listener(name);
      }),
      ...(this.wishes ? [this.wishes.onChange(({ value }) => tell(value))] : []),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  private watch<T extends KubeObject, V>(
    kind: ResourceKind<T>,
    project: (object: T) => V,
    metadataOnly = false,
  ): Informer<V> {
    const labelSelector = `${CATEGORY_LABEL}=${FILESERVER}`;
    const { namespace } = this.files;
    return this.informers.add<T, V>({ kind, namespace, labelSelector, metadataOnly, project });
  }

  private ref(name: string): { readonly namespace: string; readonly name: string } {
    return { namespace: this.files.namespace, name: objectName(name) };
  }
}
