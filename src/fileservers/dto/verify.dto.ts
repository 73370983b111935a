import { ApiProperty } from '@nestjs/swagger';

import type { Credentials } from '../../auth/index.js';
import { Secret } from '../../config/index.js';
import { Present, Rule, Text } from '../../http/index.js';

const LONGEST = 4096;
const notTooLong = (value: unknown): boolean => typeof value !== 'string' || value.length <= LONGEST;
const Bounded = (): PropertyDecorator => Rule('bounded', `at most ${LONGEST} characters`, notTooLong);

/** Basic credentials that somebody showed to a file server. */
export class VerifyDto {
  @ApiProperty({ example: 'rachel' })
  @Present()
  @Text()
  @Bounded()
  username!: string;

  @ApiProperty({ description: 'The token. Neither logged nor kept', example: 'gt-…' })
  @Present()
  @Text()
  @Bounded()
  password!: string;

  static read({ username, password }: Readonly<Record<string, unknown>>): VerifyDto {
    return Object.assign(new VerifyDto(), { username, password });
  }

  get credentials(): Credentials {
    return { username: this.username, password: new Secret(this.password) };
  }
}

/** They are the owner's. */
export class VerifiedDto {
  @ApiProperty({ example: 'rachel' })
  username!: string;

  @ApiProperty({ description: 'Seconds that the answer may be remembered', example: 300 })
  valid_for!: number;
}

/** The same as it goes out. */
export interface VerifiedBody {
  readonly username: string;
  readonly valid_for: number;
}
