import { Inject, Module } from '@nestjs/common';
import type {
  DynamicModule,
  FactoryProvider,
  ModuleMetadata,
  OnApplicationShutdown,
  Provider,
} from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import { seconds } from '../common/units.js';
import { AccessCheck } from './access-check.js';
import { KubeConnection } from './connection.js';
import type { KubernetesOptions } from './connection.js';
import { CrdCheck } from './crd-check.js';
import { InformerStores } from './informer-stores.js';
import { InformerRegistry, Informers } from './informers.js';
import { Leadership } from './leadership.js';
import { LeaseFile } from './lease-file.js';
import { LeaseNotes } from './lease-notes.js';
import type { LeaseSettings } from './lease-file.js';
import { PodEvents } from './pod-events.js';
import { PolicyCheck } from './policy-check.js';
import { KubeReader } from './reader.js';
import { KubeTransport } from './transport.js';
import { SeenVersions } from './versions.js';
import { KubeWriter } from './writer.js';

export interface KubernetesAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<KubernetesOptions>['useFactory'];
}

const OPTIONS = Symbol('KubernetesOptions');

const settingsOf = ({ lease }: KubernetesOptions, connection: KubeConnection): LeaseSettings => ({
  ref: { namespace: lease.namespace ?? connection.namespace, name: lease.name },
  identity: lease.identity,
  duration: lease.duration ?? seconds(30),
  renewDeadline: lease.renewDeadline ?? seconds(15),
  renewEvery: lease.renewEvery ?? seconds(5),
  lookEvery: lease.lookEvery ?? seconds(2),
});

const PROVIDERS: Provider[] = [
  {
    provide: KubeConnection,
    inject: [OPTIONS, Clock, Log],
    useFactory: (options: KubernetesOptions, clock: Clock, log: Log) =>
      KubeConnection.load(options, clock, log),
  },
  {
    provide: KubeTransport,
    inject: [KubeConnection, OPTIONS, Clock, Log],
    useFactory: (connection: KubeConnection, options: KubernetesOptions, clock: Clock, log: Log) =>
      new KubeTransport(connection, options, clock, log),
  },
  {
    provide: LeaseFile,
    inject: [KubeReader, KubeWriter, Clock, OPTIONS, KubeConnection],
    useFactory: (...[reader, writer, clock, options, connection]: LeaseParts) =>
      new LeaseFile(reader, writer, settingsOf(options, connection), clock),
  },
];
type LeaseParts = [KubeReader, KubeWriter, Clock, KubernetesOptions, KubeConnection];

const INTERNAL = [InformerStores, InformerRegistry, SeenVersions];
const PUBLIC = [
  KubeReader,
  KubeWriter,
  Informers,
  PodEvents,
  Leadership,
  LeaseNotes,
  CrdCheck,
  AccessCheck,
  PolicyCheck,
];

/**
 * The room's wiring, global. Needs `Clock` and `Log` from a global module. Starts nothing by itself: the app starts the
 * informers and the leadership, and stops them; connections close when the application has shut down.
 */
@Module({})
export class KubernetesModule implements OnApplicationShutdown {
  constructor(@Inject(KubeTransport) private readonly transport: KubeTransport) {}

  static forRoot(options: KubernetesOptions): DynamicModule {
    return KubernetesModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: KubernetesAsyncOptions): DynamicModule {
    return {
      module: KubernetesModule,
      global: true,
      imports,
      providers: [{ provide: OPTIONS, inject, useFactory }, ...PROVIDERS, ...INTERNAL, ...PUBLIC],
      exports: [KubeConnection, ...PUBLIC],
    };
  }

  onApplicationShutdown(): Promise<void> {
    return this.transport.close();
  }
}
