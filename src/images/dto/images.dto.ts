import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MayBeAbsent, OneOf } from '../../http/index.js';
import type { ImageOverview } from '../image-menus.service.js';
import { printReference } from '../image-reference.js';
import type { Image } from '../image.js';
import type { KnownImages } from '../known-images.js';
import type { Tag, TagType } from '../tag.js';

/** `?format=native` asks for the state of the catalogue too. */
export class ImagesQueryDto {
  @ApiPropertyOptional({
    enum: ['contract', 'native'],
    default: 'contract',
    description: '`native` adds `catalogue`: how old the answer is, and why it is no newer',
  })
  @MayBeAbsent()
  @OneOf(['contract', 'native'])
  format?: 'contract' | 'native';

  static read(input: Readonly<Record<string, unknown>>): ImagesQueryDto {
    return Object.assign(new ImagesQueryDto(), { format: input['format'] });
  }
}

export class ImageDto {
  @ApiProperty({ example: 'registry.example.org/lsst/lab:w_2026_46', description: 'Without digest' })
  reference!: string;

  @ApiProperty({ example: 'w_2026_46' })
  tag!: string;

  @ApiProperty({ example: 'Weekly 2026_46' })
  name!: string;

  @ApiPropertyOptional({ example: 'sha256:6b1a…', description: 'Absent if it is not known' })
  digest?: string;

  @ApiProperty({
    type: [String],
    example: ['recommended'],
    description: 'Other tags of the same image, sorted',
  })
  aliases!: readonly string[];

  @ApiProperty({ description: 'Whether every node that a lab could start on has it' })
  prepulled!: boolean;
}

class CatalogueDto {
  @ApiPropertyOptional({
    type: 'number',
    example: 42.5,
    description: 'Since the registry last told; absent if it never did',
  })
  age_seconds?: number;

  @ApiProperty({ type: 'integer', example: 1200, description: 'Tags that count' })
  tags!: number;

  @ApiPropertyOptional({
    example: 'registry_unreachable',
    description: 'Why the latest refresh was not complete',
  })
  failure?: string;

  @ApiPropertyOptional({
    type: 'number',
    example: 30,
    description: 'How long the registry asked to be left alone',
  })
  retry_after_seconds?: number;
}

/** All known images (contract 2.10). What is not known is left out. */
export class ImagesDto {
  @ApiPropertyOptional({ type: ImageDto })
  recommended?: ImageDto;

  @ApiPropertyOptional({ type: ImageDto })
  latest_weekly?: ImageDto;

  @ApiPropertyOptional({ type: ImageDto })
  latest_daily?: ImageDto;

  @ApiPropertyOptional({ type: ImageDto })
  latest_release?: ImageDto;

  @ApiProperty({ type: [ImageDto], description: 'Without those for one architecture, in the order of menus' })
  all!: readonly ImageDto[];

  @ApiPropertyOptional({ type: CatalogueDto, description: 'With `format=native` only' })
  catalogue?: CatalogueDto;
}

/** As the class, but plain. */
export type ImagesBody = Plain<ImagesDto>;
type ImageBody = Plain<ImageDto>;
type Plain<T> = { readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? readonly U[] : T[K] };

/** The contract's answer. */
export function toImages({ known, isPrepulled }: ImageOverview): ImagesBody {
  if (!known) return { all: [] };
  const dto = imageDtoOf(known, isPrepulled);
  const latest = (type: TagType): ImageBody | undefined => {
    const image = known.prepulls.latest(type);
    return image && dto(image.tag, image);
  };
  const recommended = known.prepulls.byTag(known.recommendedTag);
  return withoutAbsent({
    recommended: recommended && dto(recommended.tag, recommended),
    latest_weekly: latest('Weekly'),
    latest_daily: latest('Daily'),
    latest_release: latest('Release'),
    all: Array.from(known.tags.values())
      .map((tag) => ({ tag, image: known.images.byTag(tag.tag) }))
      .filter(({ tag, image }) => (image?.tag ?? tag).architecture === undefined)
      .map(({ tag, image }) => dto(image?.tag ?? tag, image)),
  });
}

export function toCatalogue({ state }: ImageOverview): Plain<CatalogueDto> {
  const { ageMs, tags, failure, retryAfterMs } = state;
  return withoutAbsent({
    age_seconds: ageMs === undefined ? undefined : ageMs / 1000,
    tags,
    failure,
    retry_after_seconds: retryAfterMs === undefined ? undefined : retryAfterMs / 1000,
  });
}

function imageDtoOf({ source }: KnownImages, isPrepulled: (digest: string) => boolean) {
  return (tag: Tag, image: Image | undefined): ImageBody =>
    withoutAbsent({
      reference: printReference({ ...source, tag: tag.tag }),
      tag: tag.tag,
      name: tag.displayName,
      digest: image?.digest,
      aliases: image?.aliases ?? [],
      prepulled: image !== undefined && isPrepulled(image.digest),
    });
}

/** The contract omits what is not known, instead of telling null. */
function withoutAbsent<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
