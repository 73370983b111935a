import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { Injectable } from '@nestjs/common';

import { withoutSecrets } from '../common/without-secrets.js';
import { AppSettings } from '../config/index.js';
import { KubeConnection, KubeReader, KubeWriter, PODS, VOLUME_CLAIMS } from '../kubernetes/index.js';
import type { CallOptions } from '../kubernetes/index.js';
import { CATEGORY_LABEL } from './fileserver.marks.js';
import { FSADMIN, buildFsadminClaims, buildFsadminPod } from './objects/index.js';
import type { FsadminBuildInput } from './objects/index.js';

/** The pod as far as anybody asks. */
export interface FsadminPod {
  readonly uid: string;
  /** Made by us or by a Nublado controller; anything else of that name is a stranger's. */
  readonly ours: boolean;
  readonly deleting: boolean;
  readonly phase: string;
  /** ISO 8601, UTC; empty before it has started. */
  readonly startTime: string;
  /** What stands in its way, in the cluster's words; empty if nothing is known. */
  readonly why: string;
}

/** The administrators' pod and its claims in the cluster. Nothing of it is cached: it is asked about once in a while. */
@Injectable()
export class FsadminRepository {
  constructor(
    private readonly reader: KubeReader,
    private readonly writer: KubeWriter,
    private readonly settings: AppSettings,
    private readonly connection: KubeConnection,
  ) {}

  get ref(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.connection.namespace, name: this.settings.fsadmin.podName };
  }

  /** @throws {KubernetesError} */
  async find(): Promise<FsadminPod | undefined> {
    const pod = await this.reader.get(PODS, this.ref, call());
    return pod && factsOf(pod);
  }

  /** Claims first; an object that exists stays. @throws {KubernetesError} */
  async create(): Promise<void> {
    for (const claim of buildFsadminClaims(this.input())) {
      await this.writer.createIfAbsent(VOLUME_CLAIMS, claim, call());
    }
    await this.writer.createIfAbsent(PODS, buildFsadminPod(this.input()), call());
  }

  async deletePod(uid: string): Promise<void> {
    // Its command does not listen to signals, and whoever was in it has asked for its end.
    await this.writer.delete(PODS, this.ref, { ...call(), uid, graceSeconds: 1 });
  }

  /** Nothing where no volume needs a claim. */
  async deleteClaims(): Promise<void> {
    if (buildFsadminClaims(this.input()).length === 0) return;
    const options = { ...call(), labelSelector: `${CATEGORY_LABEL}=${FSADMIN}` };
    await this.writer.deleteCollection(VOLUME_CLAIMS, this.connection.namespace, options);
  }

  /** How many claims are still there. */
  async countClaims(): Promise<number> {
    if (buildFsadminClaims(this.input()).length === 0) return 0;
    const { namespace } = this.connection;
    const labelSelector = `${CATEGORY_LABEL}=${FSADMIN}`;
    return (await this.reader.list(VOLUME_CLAIMS, { namespace, labelSelector }, call())).length;
  }

  private input(): FsadminBuildInput {
    const { fsadmin, lab, utilityImage } = this.settings;
    return { namespace: this.connection.namespace, fsadmin, lab, image: utilityImage };
  }
}

const MOST_WORDS = 300;
const call = (): CallOptions => ({ priority: 'interactive', reason: 'fsadmin' });

function factsOf({ metadata, status: known }: V1Pod): FsadminPod {
  const status: Partial<V1PodStatus> = known ?? {};
  return {
    uid: metadata?.uid ?? '',
    ours: metadata?.labels?.[CATEGORY_LABEL] === FSADMIN,
    deleting: metadata?.deletionTimestamp !== undefined,
    phase: status.phase ?? 'Unknown',
    startTime: written(status.startTime),
    why: obstacleOf(status),
  };
}

/** The API's times are text on our side, whatever the SDK's types say. */
const written = (time: unknown): string => (typeof time === 'string' ? time : '');

/** A container that cannot start tells more than the scheduler, who has done his part by then. */
function obstacleOf({ conditions = [], containerStatuses = [] }: Partial<V1PodStatus>): string {
  const waiting = containerStatuses.find(({ state }) => state?.waiting?.message)?.state?.waiting;
  const scheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const said = waiting ? `${waiting.reason ?? ''}: ${waiting.message ?? ''}` : (scheduled?.message ?? '');
  return withoutSecrets(said).slice(0, MOST_WORDS);
}
