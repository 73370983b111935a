import { MAX_REFERENCE_LENGTH, isPullableDigest, parseReference, printReference } from './image-reference.js';
import { resolved } from './image.js';
import { parseTag } from './tag.grammar.js';
import type { ImageReference } from './image-reference.js';
import type { Repository, ResolvedImage, TaggedDigest } from './image.js';
import type { KnownImages } from './known-images.js';
import type { Tag, TagType } from './tag.js';

/** The classes of the contract's `image_class`. */
export const IMAGE_CLASSES = ['recommended', 'latest-release', 'latest-weekly', 'latest-daily'] as const;
export type ImageClass = (typeof IMAGE_CLASSES)[number];

/** How somebody names the image of their lab; contract 2.6 has a field for each. */
export type ImageRequest =
  | { readonly kind: 'reference'; readonly reference: string }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'class'; readonly class: ImageClass };

export type ImageDecision =
  | { readonly kind: 'found'; readonly image: ResolvedImage }
  /** Only the registry can tell the digest; `missing` is the message if it knows the tag no longer. */
  | { readonly kind: 'ask'; readonly tag: Tag; readonly missing: string }
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'invalid'; readonly message: string };

const LATEST: Readonly<Record<Exclude<ImageClass, 'recommended'>, TagType>> = {
  'latest-release': 'Release',
  'latest-weekly': 'Weekly',
  'latest-daily': 'Daily',
};

/** From request to image, as contract 4.7 says for both kinds of source. */
export function decideImage(request: ImageRequest, known: KnownImages): ImageDecision {
  switch (request.kind) {
    case 'reference':
      return decideReference(request.reference, known);
    case 'tag':
      return decideTag(request.tag, known, `Docker tag "${request.tag}" not found`);
    case 'class':
      return decideClass(request.class, known);
  }
}

/**
 * What can be said of a request while nothing at all is known of the repository: faults of the request itself, and a
 * reference with tag and digest. Its digest says exactly what to run, so a lab can start although the registry is
 * down, as long as a node has the image. Undefined if the registry must be asked.
 */
export function decideBlindly(request: ImageRequest, source: Repository): ImageDecision | undefined {
  if (request.kind !== 'reference') return undefined;
  const reference = readReference(request.reference, source);
  if (isDecision(reference)) return reference;
  const { tag, digest } = reference;
  if (tag === undefined) return digest === undefined ? invalid(request.reference, 'has no tag') : undefined;
  return digest === undefined ? undefined : pinned({ ...reference, tag, digest }, parseTag(tag));
}

function decideReference(text: string, known: KnownImages): ImageDecision {
  const reference = readReference(text, known.source);
  if (isDecision(reference)) return reference;
  const { tag, digest } = reference;
  const missing = `${quoted(text)} not found`;
  const primary = digest === undefined ? undefined : known.images.byDigest(digest);
  if (primary) return found(known, primary);
  // Every digest is known: this one is gone, and its tag may mean something else by now.
  if (known.complete && digest !== undefined) return { kind: 'unknown', message: missing };
  if (tag === undefined) return invalid(text, 'has no tag');
  const listed = known.tags.get(tag);
  const hasDigest = known.images.byTag(tag) !== undefined;
  if (listed && digest !== undefined && !hasDigest) return pinned({ ...reference, tag, digest }, listed);
  return decideTag(tag, known, missing);
}

function decideTag(name: string, known: KnownImages, missing: string): ImageDecision {
  const image = known.images.byTag(name);
  if (image) return found(known, image);
  const tag = known.tags.get(name);
  return tag ? { kind: 'ask', tag, missing } : { kind: 'unknown', message: missing };
}

function decideClass(name: ImageClass, known: KnownImages): ImageDecision {
  const message = `No ${name} image found`;
  const type = name === 'recommended' ? undefined : LATEST[name];
  const image = type === undefined ? known.prepulls.byTag(known.recommendedTag) : known.prepulls.latest(type);
  if (image) return found(known, image);
  const tag = known.untold.find((candidate) =>
    type === undefined ? candidate.tag === known.recommendedTag : candidate.type === type,
  );
  return tag ? { kind: 'ask', tag, missing: message } : { kind: 'unknown', message };
}

function readReference(text: string, source: Repository): ImageReference | ImageDecision {
  const parsed = parseReference(text);
  if (!parsed.ok) return invalid(text, `is not valid (${parsed.problem.replaceAll('_', ' ')})`);
  const { registry, repository } = parsed.reference;
  if (registry !== source.registry || repository !== source.repository) {
    return { kind: 'unknown', message: `${quoted(text)} not found` };
  }
  return parsed.reference;
}

/** Takes the reference's own digest on trust; the pull will tell. */
function pinned(reference: ImageReference & { tag: string; digest: string }, tag: Tag): ImageDecision {
  const text = printReference(reference);
  if (!isPullableDigest(reference.digest)) return invalid(text, 'has no usable digest');
  const { displayName } = tag;
  return {
    kind: 'found',
    image: { reference: text, tag: reference.tag, digest: reference.digest, displayName },
  };
}

function found(known: KnownImages, image: TaggedDigest): ImageDecision {
  return { kind: 'found', image: resolved(known.source, image) };
}

function invalid(text: string, complaint: string): ImageDecision {
  return { kind: 'invalid', message: `${quoted(text)} ${complaint}` };
}

/** What the caller wrote, cut where no reference could go on. */
function quoted(text: string): string {
  return `Docker reference "${text.slice(0, MAX_REFERENCE_LENGTH)}"`;
}

function isDecision(value: ImageReference | ImageDecision): value is ImageDecision {
  return 'kind' in value;
}
