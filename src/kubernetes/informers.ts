import { Injectable } from '@nestjs/common';
import { Informer } from './informer.js';
import type { InformerSpec } from './informer.js';
import type { KubeObject } from './resource.js';

/** All informers of this process. Rooms add theirs in `onModuleInit`; the app starts them all once. */
@Injectable()
export class Informers {
  add<T extends KubeObject, V = T>(spec: InformerSpec<T, V>): Informer<V> {
    throw new Error(`not written yet: ${spec.kind.kind} ${Informer.name}`);
  }
  start(): void {
    throw new Error('not written yet');
  }
  stop(): Promise<void> {
    throw new Error('not written yet');
  }
  allSynced(): boolean {
    throw new Error('not written yet');
  }
}
