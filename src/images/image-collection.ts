import { sortByTag } from './tag.order.js';
import { titleCase } from './tag.grammar.js';
import type { Image, TaggedDigest } from './image.js';
import type { Tag, TagType } from './tag.js';

/** Images of one repository, found by digest, tag or type. Immutable; built anew when the registry has changed. */
export class ImageCollection {
  private readonly sorted: readonly Image[];
  private readonly tags: ReadonlyMap<string, Image>;
  private readonly primaries: ReadonlyMap<string, Image>;

  /**
   * Aliases are resolved among the given images only (contract 4.6): an alias or unknown tag that shares its digest
   * with a tag that says what it is becomes an alias of that tag. Among several such tags the first given counts.
   * A tag given twice counts once.
   */
  constructor(
    given: readonly TaggedDigest[],
    images: Related = [...groupByDigest(given).values()].map(relate),
  ) {
    this.sorted = sortByTag(images.flat(), (image) => image.tag);
    this.tags = new Map(this.sorted.map((image) => [image.tag.tag, image]));
    this.primaries = new Map(images.flatMap(([primary]) => (primary ? [[primary.digest, primary]] : [])));
  }

  /** The image that stands for a digest: a tag that says what it is if there is one. */
  byDigest(digest: string): Image | undefined {
    return this.primaries.get(digest);
  }

  byTag(tag: string): Image | undefined {
    return this.tags.get(tag);
  }

  /** The newest image of a type that runs on every architecture. */
  latest(type: TagType): Image | undefined {
    return this.sorted.find(({ tag }) => tag.type === type && tag.architecture === undefined);
  }

  /** All of them in menu order. */
  all(): readonly Image[] {
    return this.sorted;
  }

  /** Some of the images, each still with the aliases and the meaning it has among all (contract 4.6, subset). */
  subset(keep: (image: Image) => boolean): ImageCollection {
    const groups = [...groupByDigest(this.sorted.filter(keep)).values()];
    const standsFor = (image: Image): boolean => this.byDigest(image.digest) === image;
    const isAlias = ({ tag }: Image): boolean => isNameOnly(tag);
    const rank = (image: Image): number => (standsFor(image) ? 0 : isAlias(image) ? 2 : 1);
    return new ImageCollection(
      [],
      groups.map((group) => [...group].sort((a, b) => rank(a) - rank(b))),
    );
  }

  /** One image for each digest that `other` lacks (contract 4.6, subtract). */
  subtract(other: ImageCollection): readonly Image[] {
    return this.sorted.filter(
      (image) => this.byDigest(image.digest) === image && !other.byDigest(image.digest),
    );
  }

  get size(): number {
    return this.sorted.length;
  }
}

/** Images that share a digest stand together, the one that stands for it first. */
type Related = readonly (readonly Image[])[];

function groupByDigest<T extends TaggedDigest>(given: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  const seen = new Set<string>();
  for (const image of given) {
    if (seen.has(image.tag.tag)) continue;
    seen.add(image.tag.tag);
    const group = groups.get(image.digest);
    if (group) group.push(image);
    else groups.set(image.digest, [image]);
  }
  return groups;
}

/** Turns all tags of one digest into images that know each other; the primary comes first. */
function relate(group: readonly TaggedDigest[]): readonly Image[] {
  const telling = group.filter(({ tag }) => !isNameOnly(tag));
  const target = telling[0]?.tag;
  return [...telling, ...group.filter(({ tag }) => isNameOnly(tag))].map(({ tag, digest, sizeBytes }) => {
    const others = group.flatMap((other) => (other.tag.tag === tag.tag ? [] : [other.tag.tag]));
    const image = { tag, digest, aliases: others.sort(), ...(sizeBytes !== undefined && { sizeBytes }) };
    if (!target || !isNameOnly(tag)) return image;
    return { ...image, tag: resolveAlias(tag, target), aliasTarget: target.tag };
  });
}

/** Whether the tag is only a name, which says nothing about what is in the image. */
function isNameOnly(tag: Tag): boolean {
  return tag.type === 'Alias' || tag.type === 'Unknown';
}

/** The alias as people see it once its target is known: `Latest (Release r21.0.2, RSP Build 64 [stuff]) [amd64]`. */
function resolveAlias(alias: Tag, target: Tag): Tag {
  const { cycle: _own, ...rest } = alias;
  const architecture = alias.architecture ?? target.architecture;
  const date = alias.date ?? target.date;
  const suffix = architecture === undefined ? '' : ` [${architecture}]`;
  const inner = target.displayName.replaceAll(' (', ', ').replaceAll(')', '');
  const content = suffix !== '' && inner.endsWith(suffix) ? inner.slice(0, -suffix.length) : inner;
  return {
    ...rest,
    type: 'Alias',
    displayName: `${titleCase(alias.base ?? alias.tag)} (${content})${suffix}`,
    ...(target.cycle !== undefined && { cycle: target.cycle }),
    ...(architecture !== undefined && { architecture }),
    ...(date !== undefined && { date }),
  };
}
