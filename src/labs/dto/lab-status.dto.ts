import { ApiProperty } from '@nestjs/swagger';
import type { LabPhase, LabResources, Quantities } from '../lab.js';
import type { LabStatusView } from '../lab.views.js';

const PHASES = ['pending', 'running', 'terminating', 'terminated', 'failed'] as const;

class GroupDto {
  @ApiProperty({ example: 'g_users' })
  name!: string;

  @ApiProperty({ type: 'integer', example: 170034 })
  id!: number;
}

class OwnerDto {
  @ApiProperty({ example: 'rachel' })
  username!: string;

  @ApiProperty({ type: 'string', nullable: true, example: 'Rachel (?)' })
  name!: string | null;

  @ApiProperty({ type: 'integer', example: 1101 })
  uid!: number;

  @ApiProperty({ type: 'integer', example: 1101 })
  gid!: number;

  @ApiProperty({ type: [GroupDto], description: 'All groups, the primary one included' })
  groups!: readonly GroupDto[];
}

class ChosenOptionsDto {
  @ApiProperty({
    description: 'Reference with digest',
    example: 'registry.example.org/lsst/lab:w_2026_46@sha256:6b1a…',
  })
  image!: string;

  @ApiProperty({ description: '`custom` for a lab that fits no configured size', example: 'small' })
  size!: string;

  @ApiProperty()
  enable_debug!: boolean;

  @ApiProperty()
  reset_user_env!: boolean;
}

class QuantitiesDto {
  @ApiProperty({ type: 'number', description: 'Cores', example: 1 })
  cpu!: number;

  @ApiProperty({ type: 'integer', description: 'Bytes', example: 3221225472 })
  memory!: number;
}

class ResourcesDto {
  @ApiProperty({ type: QuantitiesDto })
  limits!: QuantitiesDto;

  @ApiProperty({ type: QuantitiesDto })
  requests!: QuantitiesDto;
}

/** A lab as the status routes tell it (contract 2.6). Absent facts are null, never left out. */
export class LabStatusDto {
  @ApiProperty({ type: OwnerDto })
  user!: OwnerDto;

  @ApiProperty({ type: ChosenOptionsDto })
  options!: ChosenOptionsDto;

  @ApiProperty({ enum: PHASES, example: 'running' })
  status!: Exclude<LabPhase, 'stopped'>;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description:
      'Where the lab answers inside the cluster; known from acceptance on, null once deletion starts',
    example: 'http://lab.nublado-rachel:8888/nb/user/rachel/',
  })
  internal_url!: string | null;

  @ApiProperty({ type: ResourcesDto })
  resources!: ResourcesDto;

  @ApiProperty({
    anyOf: [{ $ref: '#/components/schemas/QuantitiesDto' }, { type: 'null' }],
    description: "The user's namespace quota",
  })
  quota!: QuantitiesDto | null;
}

/** The fields of a wire shape, without its class. */
type Fields<T> = T extends object ? { readonly [Key in keyof T]: Fields<T[Key]> } : T;

export type LabStatusBody = Fields<LabStatusDto>;

/** Domain to wire: thousandths become cores. */
export function toLabStatus(view: LabStatusView): LabStatusBody {
  const { username, name, uid, gid, groups } = view.owner;
  return {
    user: { username, name, uid, gid, groups: groups.map((group) => ({ name: group.name, id: group.id })) },
    options: {
      image: view.image,
      size: view.size,
      enable_debug: view.options.enableDebug,
      reset_user_env: view.options.resetUserEnv,
    },
    status: view.phase,
    internal_url: view.internalUrl,
    resources: resourcesOf(view.resources),
    quota: view.quota && quantitiesOf(view.quota),
  };
}

const quantitiesOf = ({ cpu, memory }: Quantities): Fields<QuantitiesDto> => ({ cpu: cpu / 1000, memory });
const resourcesOf = ({ limits, requests }: LabResources): Fields<ResourcesDto> => ({
  limits: quantitiesOf(limits),
  requests: quantitiesOf(requests),
});
