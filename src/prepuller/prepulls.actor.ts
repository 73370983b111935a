import { Injectable } from '@nestjs/common';
import { KubernetesError } from '../kubernetes/index.js';
import { withoutSecrets } from '../common/without-secrets.js';
import type { Run } from '../reconcile/index.js';
import { PrepullPods } from './prepull-pods.js';
import type { WantedImage } from './prepull.js';
import type { ObservedNode, PrepullStep } from './prepull.policy.js';
import { PrepullsAnnouncer } from './prepulls.announcer.js';
import { PrepullsView } from './prepulls.view.js';
import { PullBounds } from './pull-bounds.js';

/** What a step left: go on deciding, or wait until something happens. */
export type Effect = 'done' | 'waiting';

/** Carries out decisions about one node, one write a step. */
@Injectable()
export class PrepullsActor {
  constructor(
    private readonly view: PrepullsView,
    private readonly bounds: PullBounds,
    private readonly pods: PrepullPods,
    private readonly announcer: PrepullsAnnouncer,
  ) {}

  /** @throws {KubernetesError} */
  async perform(seen: ObservedNode, step: PrepullStep, run: Run): Promise<Effect> {
    switch (step.do) {
      case 'drop_record':
        await this.view.pulls.dropRecord(seen.name, step.uid, run.signal);
        return 'done';
      case 'record':
        return this.record(seen, step, run);
      case 'delete_pull':
        await this.view.pulls.deletePod(step.pull, run.signal);
        this.announcer.removed(step.pull, step.reason, run.log);
        return 'done';
      case 'pull':
        return this.pull(seen, step.images, run);
    }
  }

  private async record(
    { name, record, uid }: ObservedNode,
    { findings }: Extract<PrepullStep, { do: 'record' }>,
    run: Run,
  ): Promise<Effect> {
    if (uid === undefined) return 'waiting';
    const written = await this.view.pulls.record({ name, uid }, findings, run.signal);
    this.view.memory.wrote(name);
    this.announcer.recorded(written, record?.findings ?? [], run.log);
    return 'done';
  }

  private async pull(
    { name, wanted }: ObservedNode,
    images: readonly WantedImage[],
    run: Run,
  ): Promise<Effect> {
    const rank = wanted.findIndex(({ digest }) => digest === images[0]?.digest);
    const place = this.bounds.claim(name, images, rank);
    if (!place) return 'waiting';
    try {
      await this.create(name, place.image, run);
      return 'done';
    } finally {
      place.release();
    }
  }

  private async create(node: string, image: WantedImage, run: Run): Promise<void> {
    const pod = await this.pods.build(image, node, run.signal);
    const { digest, reference } = image;
    try {
      const creation = await this.view.pulls.createPod(pod, run.signal);
      if (creation === 'created') this.announcer.begun(node, image, run.log);
      if (creation !== 'taken') return;
      const message = `A pod ${pod.metadata?.name ?? ''} that is not of this prepuller exists: it is left alone`;
      this.view.memory.refused(node, { digest, reference, reason: 'name_taken', message });
    } catch (error) {
      if (!(error instanceof KubernetesError) || !isRefusal(error)) throw error;
      const message = withoutSecrets(error.apiMessage);
      this.view.memory.refused(node, { digest, reference, reason: 'pod_refused', message });
    }
  }
}

/** Somebody would have to change something before the same request could succeed. */
const isRefusal = ({ verdict }: KubernetesError): boolean => verdict === 'cause' || verdict === 'permanent';
