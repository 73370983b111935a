import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InvalidToken, PermissionDenied } from '../auth/index.js';
import { Access, Failures, InvalidRequest, Validated } from '../http/index.js';
import { ImagesDto, ImagesQueryDto, toCatalogue, toImages } from './dto/images.dto.js';
import type { ImagesBody } from './dto/images.dto.js';
import { ImageMenus } from './image-menus.service.js';

/** The images an administrator sees (contract 2.10). */
@ApiTags('images')
@Controller('spawner/v1/images')
export class ImagesController {
  constructor(private readonly menus: ImageMenus) {}

  @Get()
  @Access({ roles: ['admin'] })
  @ApiOperation({
    summary: 'Known images',
    operationId: 'listImages',
    description:
      'From memory. Only before the first answer of the registry, it is waited for, up to 15 seconds.',
  })
  @ApiOkResponse({ type: ImagesDto })
  @Failures(new InvalidToken(), new PermissionDenied(), InvalidRequest.missingHeaders('x-auth-request-user'))
  async list(@Query(new Validated(ImagesQueryDto, 'query')) query: ImagesQueryDto): Promise<ImagesBody> {
    const overview = await this.menus.overview();
    const images = toImages(overview);
    return query.format === 'native' ? { ...images, catalogue: toCatalogue(overview) } : images;
  }
}
