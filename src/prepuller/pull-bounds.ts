import { Injectable } from '@nestjs/common';
import { AppSettings } from '../config/index.js';
import { prepullName } from './prepull.names.js';
import type { WantedImage } from './prepull.js';
import { PrepullsRepository } from './prepulls.repository.js';
import { registryOf } from './prepull.mapper.js';
import { admit } from './pull-bounds.policy.js';
import type { ActivePull, Admission, Applicant, PullBounds as Bounds } from './pull-bounds.policy.js';

/** A place among the pulls under way, until the pod takes it. */
export interface Place {
  readonly image: WantedImage;
  readonly release: () => void;
}

/**
 * The places for pulls over all nodes. A node that finds none waits, and is called as soon as one is free.
 *
 * Every count is made anew from the pods there are, so that nothing can leak; reserved are only places whose pod is just
 * being created.
 */
@Injectable()
export class PullBounds {
  private readonly applicants = new Map<string, Applicant>();
  private readonly reserved = new Map<string, ActivePull>();
  private readonly bounds: Bounds;

  constructor(
    private readonly pulls: PrepullsRepository,
    settings: AppSettings,
  ) {
    this.bounds = settings.berth.prepull;
  }

  /** A place for one of the images, the first preferred; undefined if the node has to wait to be called. */
  claim(node: string, images: readonly WantedImage[], rank: number): Place | undefined {
    // Whoever applies again keeps its place among those that wait.
    const registries = [...new Set(images.map(({ registry }) => registry))];
    this.applicants.set(node, { node, images, registries, rank });
    const admitted = this.admitted().find((one) => one.node === node);
    if (!admitted) return undefined;
    this.applicants.delete(node);
    const name = prepullName(admitted.image.tag, node);
    this.reserved.set(name, admitted.image);
    return { image: admitted.image, release: () => void this.reserved.delete(name) };
  }

  /** The node wants nothing any more, or will say anew what. */
  withdraw(node: string): void {
    this.applicants.delete(node);
  }

  /** Nodes that may be called now. */
  callable(): readonly string[] {
    return this.applicants.size === 0 ? [] : this.admitted().map(({ node }) => node);
  }

  /** How many nodes wait. */
  get waiting(): number {
    return this.applicants.size;
  }

  private admitted(): readonly Admission[] {
    return admit([...this.applicants.values()], this.active(), this.bounds);
  }

  private active(): readonly ActivePull[] {
    const running = this.pulls.allPulls().filter(({ end, name }) => !end && !this.reserved.has(name));
    const known = running.map(({ digest, reference }) => ({ digest, registry: registryOf(reference) }));
    return [...known, ...this.reserved.values()];
  }
}
