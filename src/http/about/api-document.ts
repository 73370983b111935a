import { Injectable } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { describeApi } from '../openapi/document.js';
import { readingPage } from '../docs/reading-page.js';

/** The API document and the page made of it, each made once, for the first who asks: no start waits for them. */
@Injectable()
export class ApiDocument {
  private app: INestApplication | undefined;
  private document: Promise<OpenAPIObject> | undefined;
  private json: Promise<string> | undefined;
  private page: Promise<string> | undefined;

  /** Says of which app, whose routes are known by the first request. */
  describe(app: INestApplication): void {
    this.app = app;
  }

  asJson(): Promise<string> {
    this.json ??= this.made().then((document) => JSON.stringify(document));
    return this.json;
  }

  asPage(): Promise<string> {
    this.page ??= this.made().then(readingPage);
    return this.page;
  }

  private made(): Promise<OpenAPIObject> {
    if (this.app === undefined)
      throw new Error('ApiDocument.describe was not called before the first request');
    this.document ??= describeApi(this.app);
    return this.document;
  }
}
