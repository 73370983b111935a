import { Injectable } from '@nestjs/common';
import { LeaseFile } from './lease-file.js';

/** Annotations of the lease. */
export type Notes = Readonly<Record<string, string>>;

/**
 * What one life of this controller tells the next: annotations of the Lease, which survives restarts and changes of
 * leader. Reading costs nothing, since every look at the lease and every renewal brings them; writing costs one write.
 */
@Injectable()
export class LeaseNotes {
  constructor(private readonly file: LeaseFile) {}

  /** As of our last look, which is at most one renewal or one look of a follower ago. */
  get seen(): Notes {
    return this.file.annotations;
  }

  /** Calls back when they have changed; the returned function ends it. */
  onChange(listener: (notes: Notes) => void): () => void {
    return this.file.onAnnotations(listener);
  }

  /**
   * Writes what `revise` makes of the annotations as they are now, and resolves with them. Undefined values take an
   * annotation away; what `revise` does not name stays. It is asked again when somebody else wrote first.
   * @throws {KubernetesError} `absent` without a lease
   */
  change(
    revise: (notes: Notes) => Readonly<Record<string, string | undefined>>,
    signal?: AbortSignal,
  ): Promise<Notes> {
    return this.file.annotate(revise, signal);
  }
}
