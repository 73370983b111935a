import type { OnApplicationShutdown } from '@nestjs/common';

export interface ListedImage {
  readonly tag: string;
  readonly digest: string;
  readonly sizeBytes: number | undefined;
}

/** What one listing of a repository tells. */
export interface Listing {
  /** Every tag, each once; only such as a reference could name. */
  readonly names: readonly string[];
  /** What every tag stands for, where the registry tells that too. */
  readonly images?: readonly ListedImage[];
}

/** Where lab images come from. Every call ends within a bounded time, and fails by `RegistryError` alone. */
export abstract class ImageRegistry implements OnApplicationShutdown {
  abstract list(signal?: AbortSignal): Promise<Listing>;

  /**
   * The digest that a tag points to now; of an index, for a tag of many architectures.
   *
   * @throws RegistryError with reason `tag_without_manifest` if the registry knows no such tag (any more)
   */
  abstract digestOf(tag: string, signal?: AbortSignal): Promise<string>;

  /** Ends connections. Called last: until everybody is served, a spawn may still be asking. */
  abstract onApplicationShutdown(): Promise<void>;
}
