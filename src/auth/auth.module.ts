import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { AuthSettings } from '../config/index.js';
import { DiscoveryModule } from '../discovery/index.js';
import { AccessGuard } from './access.guard.js';
import { DevelopmentProvider } from './development.provider.js';
import { GafaelfawrClient } from './gafaelfawr.client.js';
import { GafaelfawrProvider } from './gafaelfawr.provider.js';
import { IdentityProvider } from './identity.js';
import { KeyHolders } from './key-holders.js';

/** One identity provider, by configuration, and the guard that asks it before every route. */
@Global()
@Module({})
export class AuthModule {
  static forRoot(kind: AuthSettings['provider']): DynamicModule {
    const useClass = kind === 'gafaelfawr' ? GafaelfawrProvider : DevelopmentProvider;
    return {
      module: AuthModule,
      imports: [DiscoveryModule],
      providers: [
        ...(kind === 'gafaelfawr' ? [GafaelfawrClient] : []),
        KeyHolders,
        { provide: IdentityProvider, useClass },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [IdentityProvider, KeyHolders],
    };
  }
}
