import { Injectable } from '@nestjs/common';
import type { ErrorLocation } from '../common/errors.js';
import type { CatalogueState } from './image-catalogue.js';
import { ImageRegistry } from './image-registry.js';
import { ImageStock } from './image-stock.js';
import { resolved } from './image.js';
import type { ResolvedImage } from './image.js';
import { decideBlindly, decideImage } from './image.policy.js';
import type { ImageDecision, ImageRequest } from './image.policy.js';
import { InvalidDockerReference, RegistryUnavailable, UnknownImage } from './images.errors.js';
import { RegistryError } from './registry.error.js';

/** Which images labs can run. */
@Injectable()
export class ImagesService {
  private readonly lookups = new Map<string, Promise<string>>();

  constructor(
    private readonly stock: ImageStock,
    private readonly registry: ImageRegistry,
  ) {}

  /**
   * The image that a request means, pinned by digest (contract 4.7).
   *
   * Answers from memory unless the tag is none of those kept on nodes; its digest is then asked for. Takes at most
   * 15 s more while the registry has not told us anything yet.
   *
   * @param location of the request's field, for the error
   * @throws UnknownImage 400, InvalidDockerReference 422
   * @throws RegistryUnavailable 503 if only the registry could tell
   */
  async resolve(request: ImageRequest, location?: ErrorLocation): Promise<ResolvedImage> {
    const decision = await this.decide(request, location);
    switch (decision.kind) {
      case 'found':
        return decision.image;
      case 'ask':
        return this.ask(decision, location);
      case 'unknown':
        throw new UnknownImage(decision.message, { location });
      case 'invalid':
        throw new InvalidDockerReference(decision.message, { location });
    }
  }

  /** How much is known of the registry, and how old it is. */
  state(): CatalogueState {
    return this.stock.state();
  }

  private async decide(request: ImageRequest, location: ErrorLocation | undefined): Promise<ImageDecision> {
    const known = await this.stock.told();
    if (known) return decideImage(request, known);
    const { source } = this.stock.settings;
    const proven = this.stock.proven();
    const blind = decideBlindly(request, source) ?? (proven && decideImage(request, proven));
    // What is unknown by what nodes have may well be in the registry.
    if (blind && (blind.kind === 'found' || blind.kind === 'invalid' || !proven)) return blind;
    const reason = this.stock.state().failure ?? 'registry_timeout';
    throw new RegistryUnavailable(source.registry, reason, { location });
  }

  private async ask(
    { tag, missing }: Extract<ImageDecision, { kind: 'ask' }>,
    location: ErrorLocation | undefined,
  ): Promise<ResolvedImage> {
    const { source } = this.stock.settings;
    try {
      return resolved(source, { tag, digest: await this.lookUp(tag.tag) });
    } catch (cause) {
      if (!(cause instanceof RegistryError)) throw cause;
      if (cause.reason === 'tag_without_manifest') throw new UnknownImage(missing, { location, cause });
      throw new RegistryUnavailable(source.registry, cause.reason, { location, cause });
    }
  }

  /** A class that picks the same tag at once costs the registry one request. The answer is not kept: tags move. */
  private lookUp(tag: string): Promise<string> {
    const running = this.lookups.get(tag);
    if (running) return running;
    const lookup = this.registry.digestOf(tag).finally(() => this.lookups.delete(tag));
    this.lookups.set(tag, lookup);
    return lookup;
  }
}
