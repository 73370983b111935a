import { ApiProperty } from '@nestjs/swagger';
import { product } from '../../common/product.js';

/** What the service says of itself (contract 2.5). */
export class MetadataDto {
  @ApiProperty({ example: 'Nublado', description: 'As configured' })
  name!: string;

  @ApiProperty({ example: product.version })
  version!: string;

  @ApiProperty({ example: product.description })
  description!: string;
}

/** The same behind the path prefix. */
export class IndexDto {
  @ApiProperty({ type: MetadataDto })
  metadata!: MetadataDto;
}

export type Metadata = Pick<MetadataDto, 'name' | 'version' | 'description'>;

export const metadataOf = (name: string): Metadata => ({
  name,
  version: product.version,
  description: product.description,
});
