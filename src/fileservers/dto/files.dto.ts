import { ApiProperty } from '@nestjs/swagger';

import { Present, Rule } from '../../http/index.js';

/** State of a file server that runs (contract 2.11). */
export class FileServerStatusDto {
  @ApiProperty({ enum: [true], example: true })
  running!: true;
}

/** The same as it goes out. */
export interface FileServerStatusBody {
  readonly running: true;
}

/** What `fsadmin` is asked (contract 2.11). */
export class StartFsadminDto {
  @ApiProperty({ enum: [true], description: 'Nothing but `true`', example: true })
  @Present()
  @Rule('start', 'start must be true', (value) => value === true || value === 1)
  start!: true;

  static read({ start }: Readonly<Record<string, unknown>>): StartFsadminDto {
    return Object.assign(new StartFsadminDto(), { start });
  }
}

/** The fsadmin pod that runs. */
export class FsadminStatusDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-21T18:00:00Z' })
  start_time!: string;
}

/** The same as it goes out. */
export interface FsadminStatusBody {
  readonly start_time: string;
}
