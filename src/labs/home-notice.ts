import { Injectable } from '@nestjs/common';

/** What everybody who starts a lab must know of their home; found out at start, and empty where homes last. */
@Injectable()
export class HomeNotice {
  sentence: string | undefined;
}
