import { Injectable } from '@nestjs/common';
import type { Log } from '../common/logger.js';
import { KubeConnection, KubeWriter, OBJECT_EVENTS, objectEvent } from '../kubernetes/index.js';
import { PrepullerContext } from './prepuller.context.js';
import { NODE_IMAGES } from './node-images.resource.js';
import type { Failure, Finding, NodeRecord, Pull, WantedImage } from './prepull.js';
import { ImageProven, PullFailed } from './prepulls.events.js';
import { PrepullsMemory } from './prepulls.memory.js';

/** Tells what became of pulls: the log, the bus, and `kubectl describe nodeimages`. */
@Injectable()
export class PrepullsAnnouncer {
  constructor(
    private readonly writer: KubeWriter,
    private readonly connection: KubeConnection,
    private readonly memory: PrepullsMemory,
    private readonly context: PrepullerContext,
  ) {}

  begun(node: string, { reference }: WantedImage, log: Log): void {
    log.debug('prepull begun', { node, image: reference });
  }

  removed({ name, node, reference }: Pull, reason: string, log: Log): void {
    const told = { node, pod: name, image: reference, reason };
    if (reason === 'ended') log.debug('prepull pod removed', told);
    else log.info('prepull cut short', told);
  }

  /** Tells what is new in a record that was just written. */
  recorded(record: NodeRecord, before: readonly Finding[], log: Log): void {
    const known = new Map(before.map((finding) => [finding.digest, finding]));
    for (const finding of record.findings) {
      const { at, digest, pod } = finding;
      const earlier = known.get(digest);
      if (earlier?.pod === pod && earlier?.at === at) continue;
      if (finding.state === 'failed') this.failed(record, finding, log);
      else if (finding.state === 'proven') {
        const { reference, took } = finding;
        log.info('image prepulled', { node: record.node, image: reference, tookMs: took });
        this.context.bus.publish(new ImageProven(record.node, digest, took));
      }
    }
  }

  private failed(record: NodeRecord, failure: Failure, log: Log): void {
    const { attempts, digest, message, reason, reference } = failure;
    const { node } = record;
    log.warn('prepull failed', { node, image: reference, reason, message, attempts });
    this.context.bus.publish(new PullFailed(node, digest, reason));
    if (this.memory.mayTell(node, reason)) void this.event(record, failure, log);
  }

  /** Losing it harms nobody. */
  private async event({ node, uid }: NodeRecord, failure: Failure, log: Log): Promise<void> {
    const { namespace } = this.connection;
    const about = { kind: NODE_IMAGES, namespace, name: node, uid };
    const event = objectEvent(about, {
      id: `${failure.at.toString(36)}.${failure.reason.replaceAll('_', '-')}`,
      at: failure.at,
      type: 'Warning',
      reason: failure.reason,
      message: `${failure.reference}: ${failure.message}`,
    });
    try {
      await this.writer.createIfAbsent(OBJECT_EVENTS, event, {
        priority: 'background',
        reason: 'prepull-event',
      });
    } catch (error) {
      log.warn('event of a node was not written', { node, reason: failure.reason, error });
    }
  }
}
