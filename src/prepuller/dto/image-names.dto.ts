import { ApiProperty } from '@nestjs/swagger';

/** What both answers about prepulling call an image. */
export class ImageNamesDto {
  @ApiProperty({ example: 'registry.example.org/lsst/lab:w_2026_46' })
  reference!: string;

  @ApiProperty({ example: 'w_2026_46' })
  tag!: string;

  @ApiProperty({ example: 'Weekly 2026_46' })
  name!: string;

  @ApiProperty({ example: 'sha256:6b1a…' })
  digest!: string;
}
