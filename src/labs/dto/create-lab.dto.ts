import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateNested } from 'class-validator';
import {
  MayBeAbsent,
  NotRefused,
  ObjectShaped,
  OneOf,
  Present,
  Refused,
  Rule,
  Text,
  TextMap,
  isObject,
} from '../../http/index.js';
import { LAB_SIZES, Secret } from '../../config/index.js';
import type { NamedUser } from '../../auth/index.js';
import type { ImageChoice } from '../lab.views.js';
import { normaliseOptions } from './lab-options.js';

const IMAGE_CLASSES = ['recommended', 'latest-release', 'latest-weekly', 'latest-daily'] as const;
const SERVICE_PREFIX = 'JUPYTERHUB_SERVICE_PREFIX';
/** It becomes the path of the lab's URL as it is. */
const URL_PATH = /^(?:\/[\x21-\x7e]*)?$/;

/** How the Hub sends a form field: as it is, or as a list of one. */
const oneOrList = (item: object): object => ({ anyOf: [item, { type: 'array', items: item, maxItems: 1 }] });
const isOtherThanPath = (value: unknown): boolean => typeof value === 'string' && !URL_PATH.test(value);
/** Of the field that keeps it in the record (`helm/berth/crds/labs.yaml`). */
const LONGEST_PREFIX = 2_048;
const isTooLong = (value: unknown): boolean => typeof value === 'string' && value.length > LONGEST_PREFIX;
const flag = (name: string): PropertyDecorator =>
  Rule(name, `${name} must be true or false`, (value) => typeof value === 'boolean');

/** What the user chose on the spawn form, or a bot in its place. Exactly one of the image fields counts. */
export class LabOptionsDto {
  @ApiPropertyOptional({
    ...oneOrList({ type: 'string' }),
    description: 'Image reference chosen by radio button, or `use_image_from_dropdown`',
    example: 'registry.example.org/lsst/sciplat-lab:w_2026_46@sha256:6b1a…',
  })
  @MayBeAbsent()
  @Text()
  image_list?: string;

  @ApiPropertyOptional({
    ...oneOrList({ type: 'string' }),
    description: 'Image reference chosen in the drop-down; ignored if `image_list` names one',
  })
  @MayBeAbsent()
  @Text()
  image_dropdown?: string;

  @ApiPropertyOptional({ ...oneOrList({ type: 'string', enum: IMAGE_CLASSES }), description: 'For bots' })
  @MayBeAbsent()
  @OneOf(IMAGE_CLASSES)
  image_class?: (typeof IMAGE_CLASSES)[number];

  @ApiPropertyOptional({ ...oneOrList({ type: 'string' }), description: 'For bots: a tag' })
  @MayBeAbsent()
  @Text()
  image_tag?: string;

  @ApiProperty({
    ...oneOrList({ type: 'string', enum: LAB_SIZES }),
    description: 'Size of the lab; case does not matter',
    example: 'small',
  })
  @Present()
  @OneOf(LAB_SIZES)
  size!: string;

  @ApiPropertyOptional({
    ...oneOrList({ anyOf: [{ type: 'boolean' }, { type: 'string', enum: ['true', 'false'] }] }),
    default: false,
  })
  @flag('enable_debug')
  enable_debug!: boolean;

  @ApiPropertyOptional({
    ...oneOrList({ anyOf: [{ type: 'boolean' }, { type: 'string', enum: ['true', 'false'] }] }),
    default: false,
  })
  @flag('reset_user_env')
  reset_user_env!: boolean;

  static read(input: unknown): unknown {
    const normal = normaliseOptions(input);
    if (normal instanceof Refused || !isObject(normal)) return normal;
    const { image_list, image_dropdown, image_class, image_tag, size, enable_debug, reset_user_env } = normal;
    const images = { image_list, image_dropdown, image_class, image_tag };
    return Object.assign(new LabOptionsDto(), { ...images, size, enable_debug, reset_user_env });
  }

  /** The one image field that is set. */
  get image(): ImageChoice {
    if (this.image_class !== undefined) {
      return { kind: 'class', imageClass: this.image_class, field: 'image_class' };
    }
    if (this.image_tag) return { kind: 'tag', tag: this.image_tag, field: 'image_tag' };
    const field = this.image_list ? 'image_list' : 'image_dropdown';
    return { kind: 'reference', reference: this[field] ?? '', field };
  }
}

/** Whom a hub asks for. The facts about them come from the identity provider. */
export class NamedUserDto {
  @ApiProperty({ example: 'rachel' })
  @Present()
  @Text()
  username!: string;

  @ApiPropertyOptional({
    description: "The user's own token; needed where the identity provider knows people only by theirs",
  })
  @MayBeAbsent()
  @Text()
  token?: string;

  static read(input: unknown): unknown {
    if (!isObject(input)) return input;
    return Object.assign(new NamedUserDto(), { username: input['username'], token: input['token'] });
  }

  get credential(): NamedUser {
    return { username: this.username, token: this.token ? new Secret(this.token) : undefined };
  }
}

/** The body of a request for a lab (contract 2.6). Unknown keys are ignored. */
export class CreateLabDto {
  @ApiProperty({ type: LabOptionsDto })
  @Present()
  @NotRefused()
  @ObjectShaped()
  @ValidateNested()
  options!: LabOptionsDto;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: `Environment from JupyterHub; must have ${SERVICE_PREFIX}. Never returned or logged`,
    example: { JUPYTERHUB_SERVICE_PREFIX: '/nb/user/rachel/', JUPYTERHUB_API_TOKEN: '…' },
  })
  @Present()
  @TextMap()
  @Rule(
    'servicePrefix',
    `${SERVICE_PREFIX} must be set`,
    (value) => !isObject(value) || SERVICE_PREFIX in value,
  )
  @Rule(
    'servicePrefixPath',
    `${SERVICE_PREFIX} must be a URL path such as /nb/user/rachel/, without spaces or control characters`,
    (value) => !isObject(value) || !isOtherThanPath(value[SERVICE_PREFIX]),
  )
  @Rule(
    'servicePrefixLength',
    `${SERVICE_PREFIX} must have at most ${LONGEST_PREFIX} characters`,
    (value) => !isObject(value) || !isTooLong(value[SERVICE_PREFIX]),
  )
  env!: Record<string, string>;

  @ApiPropertyOptional({
    type: NamedUserDto,
    description:
      'Only for a hub that the configuration names: for whom the lab is. Anybody else is refused (403)',
  })
  @MayBeAbsent()
  @ObjectShaped()
  @ValidateNested()
  user?: NamedUserDto | null;

  static read(input: Readonly<Record<string, unknown>>): CreateLabDto {
    return Object.assign(new CreateLabDto(), {
      options: LabOptionsDto.read(input['options']),
      env: input['env'],
      user: NamedUserDto.read(input['user']),
    });
  }
}
