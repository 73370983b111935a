import { ApiProperty } from '@nestjs/swagger';
import { ImageNamesDto } from './image-names.dto.js';
import type { Plain } from '../../common/plain.js';
import { rfc3339 } from '../../common/units.js';
import type { Instant, Millis } from '../../common/units.js';
import type { CellView, ImageView, MatrixView, NodeView } from '../prepulls.views.js';

const STATES = ['present', 'proven', 'absent', 'pulling', 'failed', 'unknown'] as const;
const TIME = { type: 'string', format: 'date-time', nullable: true, example: null } as const;

class CellDto {
  @ApiProperty({ example: 'sha256:6b1a…' })
  digest!: string;

  @ApiProperty({
    enum: STATES,
    description: 'Only `present` and `proven` count as prepulled',
    example: 'failed',
  })
  state!: (typeof STATES)[number];

  @ApiProperty({ description: 'Where the state is known from, or why a pull failed', example: 'disk_full' })
  reason!: string;

  @ApiProperty({ description: 'The kubelet’s own words', example: 'no space left on device' })
  message!: string;

  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-11-21T18:00:00.000Z' })
  since!: string;

  @ApiProperty({ ...TIME, description: 'When a pod of ours last ran it there' })
  proven_at!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Bytes, as the node lists it', example: null })
  size!: number | null;

  @ApiProperty({ type: 'number', nullable: true, description: 'Seconds that our pull took', example: null })
  took!: number | null;

  @ApiProperty({ type: 'integer', description: 'Failures in a row', example: 3 })
  attempts!: number;

  @ApiProperty({ ...TIME, description: 'When a failed pull is tried again' })
  retry_at!: string | null;
}

export class MatrixNodeDto {
  @ApiProperty({ example: 'node-1' })
  name!: string;

  @ApiProperty()
  eligible!: boolean;

  @ApiProperty({ type: 'string', nullable: true, description: 'Why it is not eligible', example: null })
  comment!: string | null;

  @ApiProperty({ description: 'A lab waits there for its own images: no pull begins', example: false })
  lab_waits!: boolean;

  @ApiProperty({ type: [CellDto], description: 'One for each wanted image, in the order of wanting' })
  images!: readonly CellDto[];
}

class PullTimesDto {
  @ApiProperty({ type: 'integer', example: 12 })
  count!: number;

  @ApiProperty({ type: 'number', description: 'Seconds', example: 95 })
  median!: number;

  @ApiProperty({ type: 'number', description: 'Seconds', example: 240 })
  longest!: number;
}

class MatrixImageDto extends ImageNamesDto {
  @ApiProperty({ description: 'Every eligible node has it' })
  prepulled!: boolean;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Bytes; the largest that a node lists',
    example: null,
  })
  size!: number | null;

  @ApiProperty({ type: [String], example: ['node-1'] })
  nodes!: readonly string[];

  @ApiProperty({ type: [String], description: 'Eligible nodes that lack it', example: [] })
  missing!: readonly string[];

  @ApiProperty({ type: PullTimesDto, nullable: true, description: 'How long our pulls of it took' })
  pulls!: PullTimesDto | null;
}

/** Nodes × images: what is known, from where, and since when. Absent facts are null. */
export class PrepullMatrixDto {
  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-11-21T18:00:00.000Z' })
  at!: string;

  @ApiProperty({ type: 'integer', description: 'Pulls of ours under way', example: 2 })
  pulling!: number;

  @ApiProperty({ type: [MatrixImageDto], description: 'In the order of wanting' })
  images!: readonly MatrixImageDto[];

  @ApiProperty({ type: [MatrixNodeDto], description: 'Sorted by name' })
  nodes!: readonly MatrixNodeDto[];
}

export const toPrepullMatrix = (view: MatrixView): Plain<PrepullMatrixDto> => ({
  at: rfc3339(view.at),
  pulling: view.pulling,
  images: view.images.map(imageOf),
  nodes: view.nodes.map(toMatrixNode),
});

export const toMatrixNode = ({
  comment,
  eligible,
  images,
  labWaits,
  name,
}: NodeView): Plain<MatrixNodeDto> => ({
  name,
  eligible,
  comment: comment ?? null,
  lab_waits: labWaits,
  images: images.map(cellOf),
});

const imageOf = ({ missing, nodes, pulls, size, ...image }: ImageView): Plain<MatrixImageDto> => ({
  ...image,
  nodes: [...nodes],
  missing: [...missing],
  size: size ?? null,
  pulls: pulls ? { count: pulls.count, median: pulls.median / 1000, longest: pulls.longest / 1000 } : null,
});

const cellOf = ({ attempts, digest, message, reason, state, ...cell }: CellView): Plain<CellDto> => ({
  digest,
  state,
  reason,
  message,
  since: rfc3339(cell.since),
  proven_at: timeOrNull(cell.provenAt),
  size: cell.size ?? null,
  took: secondsOrNull(cell.took),
  attempts,
  retry_at: timeOrNull(cell.retryAt),
});

const timeOrNull = (time: Instant | undefined): string | null => (time === undefined ? null : rfc3339(time));
const secondsOrNull = (span: Millis | undefined): number | null => (span === undefined ? null : span / 1000);
