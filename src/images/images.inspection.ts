import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import type { Settings } from '../config/index.js';
import { ImageCatalogue } from './image-catalogue.js';
import { counts } from './image-selection.js';
import { aliasesShown, judgeTags } from './image.menu.js';
import { repositoryOf } from './images.source.js';
import type { KnownImages } from './known-images.js';
import { openRegistry } from './registry.open.js';
import type { Exclusion } from './tag.filter.js';
import { parseTag } from './tag.grammar.js';
import type { Tag } from './tag.js';

/** Why a tag is not in the drop-down menu. */
export type Omission = Exclusion | 'other_cycle';

export interface InspectedTag {
  readonly tag: Tag;
  /** Undefined if the registry was not asked for it. */
  readonly digest: string | undefined;
  /** Other tags of the same content, as far as digests are known. */
  readonly aliases: readonly string[];
  /** Undefined: it is in the drop-down menu. */
  readonly omission: Omission | undefined;
  /** Whether it is kept on nodes, and so in the radio menu once all of them have it; for which reasons. */
  readonly kept: readonly ('recommended' | 'pinned' | 'newest')[];
  /** The alias of the same content that the radio menu shows instead. */
  readonly shownAs: string | undefined;
}

/** What a registry has, judged by the configuration. */
export interface Inspection {
  /** All that is listed, in menu order, then what another cycle excludes. */
  readonly tags: readonly InspectedTag[];
  /** Why a digest is missing; undefined if all is told. */
  readonly failure: string | undefined;
  /** Tags that the configuration names and the registry does not list, by key. */
  readonly absent: readonly { readonly key: string; readonly tag: string }[];
}

type InspectionSettings = Pick<Settings, 'images' | 'berth' | 'proxies' | 'dropdownMenu'>;

/**
 * Asks the registry as the controller would, and says what becomes of each tag. Nodes are not asked.
 *
 * @throws RegistryError if the tags cannot be listed
 */
export async function inspectImages(
  settings: InspectionSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Inspection> {
  const { images, dropdownMenu } = settings;
  const registry = openRegistry(settings, clock, log);
  try {
    const { names } = await registry.list();
    const repository = { source: repositoryOf(images.source), selection: images };
    const settled = { ...repository, refreshInterval: images.refreshInterval };
    const catalogue = new ImageCatalogue(settled, registry, clock, log);
    const known = await catalogue.known();
    const judged = known ? judgeTags(known, dropdownMenu, clock.now()) : [];
    const standIns = known ? aliasesShown(known) : new Map<string, string>();
    const tags = judged.map(({ tag, digest, exclusion }) => ({
      tag,
      digest,
      aliases: known?.images.byTag(tag.tag)?.aliases ?? [],
      omission: exclusion,
      kept: known ? reasonsToKeep(tag, known, images.pin) : [],
      shownAs: standIns.get(tag.tag),
    }));
    return {
      tags: [...tags, ...otherCycles(names, settings)],
      failure: catalogue.state().failure,
      absent: absentOf(names, settings),
    };
  } finally {
    await registry.onApplicationShutdown();
  }
}

function reasonsToKeep(tag: Tag, known: KnownImages, pinned: readonly string[]): InspectedTag['kept'] {
  const isWanted = known.prepulls.byTag(tag.tag) ?? known.untold.find((one) => one.tag === tag.tag);
  if (!isWanted) return [];
  const named: InspectedTag['kept'] = [
    ...(tag.tag === known.recommendedTag ? (['recommended'] as const) : []),
    ...(pinned.includes(tag.tag) ? (['pinned'] as const) : []),
  ];
  return named.length > 0 ? named : ['newest'];
}

function otherCycles(names: readonly string[], { images }: InspectionSettings): readonly InspectedTag[] {
  return names
    .map((name) => parseTag(name))
    .filter((tag) => !counts(tag, images))
    .map((tag) => ({
      tag,
      digest: undefined,
      aliases: [],
      omission: 'other_cycle',
      kept: [],
      shownAs: undefined,
    }));
}

function absentOf(names: readonly string[], { images }: InspectionSettings): Inspection['absent'] {
  const listed = new Set(names);
  const named = [
    { key: 'recommendedTag', tag: images.recommendedTag },
    ...images.pin.map((tag) => ({ key: 'pin', tag })),
    ...images.aliasTags.map((tag) => ({ key: 'aliasTags', tag })),
  ];
  return named.filter(({ tag }) => !listed.has(tag));
}
