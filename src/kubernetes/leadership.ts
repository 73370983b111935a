import { Injectable } from '@nestjs/common';

/** Whether this process leads. */
@Injectable()
export class Leadership {
  get leading(): boolean {
    throw new Error('not written yet');
  }
  onChange(listener: (leading: boolean) => void): () => void {
    throw new Error(`not written yet: ${listener.name}`);
  }
  start(): void {
    throw new Error('not written yet');
  }
  stop(): Promise<void> {
    throw new Error('not written yet');
  }
}
