import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider, ModuleMetadata } from '@nestjs/common';
import type { KubernetesOptions } from './connection.js';

export interface KubernetesAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<KubernetesOptions>['useFactory'];
}

/** The room's wiring, global. Needs `Clock` and `Log` from a global module. */
@Module({})
export class KubernetesModule {
  static forRoot(options: KubernetesOptions): DynamicModule {
    return KubernetesModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync(options: KubernetesAsyncOptions): DynamicModule {
    throw new Error(`not written yet: ${options.useFactory.name}`);
  }
}
