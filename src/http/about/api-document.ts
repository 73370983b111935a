import { Injectable } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { describeApi } from '../openapi/document.js';
import { readingPage } from '../docs/reading-page.js';

/** The API document and the page made of it, each made once, when the routes are known. */
@Injectable()
export class ApiDocument {
  private json: string | undefined;
  private page: string | undefined;

  describe(app: INestApplication): OpenAPIObject {
    const document = describeApi(app);
    this.json = JSON.stringify(document);
    this.page = readingPage(document);
    return document;
  }

  get asJson(): string {
    return made(this.json);
  }

  get asPage(): string {
    return made(this.page);
  }
}

function made(text: string | undefined): string {
  if (text === undefined) throw new Error('ApiDocument.describe was not called before the first request');
  return text;
}
