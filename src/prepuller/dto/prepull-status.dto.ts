import { ApiProperty } from '@nestjs/swagger';
import { ImageNamesDto } from './image-names.dto.js';
import type { Plain } from '../../common/plain.js';
import type { ImagesSettings, ImageSource } from '../../config/index.js';
import { isPrepulled } from '../../images/index.js';
import type { ImageView, MatrixView } from '../prepulls.views.js';

class SourceDto {
  @ApiProperty({ enum: ['docker', 'google'], example: 'docker' })
  type!: 'docker' | 'google';

  @ApiProperty({ required: false, example: 'registry.example.org' })
  registry?: string;

  @ApiProperty({ required: false, example: 'us-central1' })
  location?: string;

  @ApiProperty({ required: false, example: 'some-project' })
  project_id?: string;

  @ApiProperty({ example: 'lsst/lab' })
  repository!: string;

  @ApiProperty({ required: false, example: 'lab' })
  image?: string;
}

class PrepullConfigDto {
  @ApiProperty({ type: SourceDto })
  source!: SourceDto;

  @ApiProperty({ type: 'number', description: 'Seconds', example: 300 })
  refresh_interval!: number;

  @ApiProperty({ type: 'number', description: 'Seconds', example: 600 })
  prepull_timeout!: number;

  @ApiProperty({ example: 'recommended' })
  recommended_tag!: string;

  @ApiProperty({ type: 'integer', example: 1 })
  num_releases!: number;

  @ApiProperty({ type: 'integer', example: 2 })
  num_weeklies!: number;

  @ApiProperty({ type: 'integer', example: 3 })
  num_dailies!: number;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  cycle!: number | null;

  @ApiProperty({ type: [String], example: [] })
  pin!: readonly string[];

  @ApiProperty({ type: [String], example: [] })
  alias_tags!: readonly string[];
}

class PrepullImageDto extends ImageNamesDto {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Bytes, once a node tells',
    example: 8000000000,
  })
  size!: number | null;

  @ApiProperty({ type: [String], description: 'Nodes that have it', example: ['node-1'] })
  nodes!: readonly string[];

  @ApiProperty({ type: [String], description: 'Eligible nodes that lack it', example: ['node-2'] })
  missing!: readonly string[];
}

class PrepullImagesDto {
  @ApiProperty({ type: [PrepullImageDto] })
  prepulled!: readonly PrepullImageDto[];

  @ApiProperty({ type: [PrepullImageDto] })
  pending!: readonly PrepullImageDto[];
}

class PrepullNodeDto {
  @ApiProperty({ example: 'node-1' })
  name!: string;

  @ApiProperty()
  eligible!: boolean;

  @ApiProperty({ type: 'string', nullable: true, description: 'Why it is not eligible', example: null })
  comment!: string | null;

  @ApiProperty({
    type: [String],
    description: 'Wanted images that it has',
    example: ['registry.example.org/lsst/lab:w_2026_46'],
  })
  cached!: readonly string[];
}

/** What the contract tells of prepulling (contract 2.10). Absent facts are null. */
export class PrepullStatusDto {
  @ApiProperty({ type: PrepullConfigDto })
  config!: PrepullConfigDto;

  @ApiProperty({ type: PrepullImagesDto })
  images!: PrepullImagesDto;

  @ApiProperty({ type: [PrepullNodeDto] })
  nodes!: readonly PrepullNodeDto[];
}

export function toPrepullStatus(view: MatrixView, settings: ImagesSettings): Plain<PrepullStatusDto> {
  const references = new Map(view.images.map(({ digest, reference }) => [digest, reference]));
  return {
    config: configOf(settings),
    images: {
      prepulled: view.images.filter(({ prepulled }) => prepulled).map(imageOf),
      pending: view.images.filter(({ prepulled }) => !prepulled).map(imageOf),
    },
    nodes: view.nodes.map(({ comment, eligible, images, name }) => ({
      name,
      eligible,
      comment: comment ?? null,
      cached: images.flatMap(({ digest, state }) =>
        isPrepulled(state) ? (references.get(digest) ?? []) : [],
      ),
    })),
  };
}

const imageOf = ({
  digest,
  missing,
  name,
  nodes,
  reference,
  size,
  tag,
}: ImageView): Plain<PrepullImageDto> => ({
  reference,
  tag,
  name,
  digest,
  size: size ?? null,
  nodes: [...nodes],
  missing: [...missing],
});

function configOf(settings: ImagesSettings): Plain<PrepullConfigDto> {
  return {
    source: sourceOf(settings.source),
    refresh_interval: settings.refreshInterval / 1000,
    prepull_timeout: settings.prepullTimeout / 1000,
    recommended_tag: settings.recommendedTag,
    num_releases: settings.numReleases,
    num_weeklies: settings.numWeeklies,
    num_dailies: settings.numDailies,
    cycle: settings.cycle ?? null,
    pin: [...settings.pin],
    alias_tags: [...settings.aliasTags],
  };
}

function sourceOf(source: ImageSource): Plain<SourceDto> {
  if (source.type === 'docker') {
    return { type: 'docker', registry: source.registry, repository: source.repository };
  }
  const { image, location, projectId, repository } = source;
  return { type: 'google', location, project_id: projectId, repository, image };
}
