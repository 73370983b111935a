import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Settings } from './settings.js';

/** The settings as other classes are given them: `constructor(private readonly settings: AppSettings)`. */
export class AppSettings implements Settings {
  readonly name!: Settings['name'];
  readonly pathPrefix!: Settings['pathPrefix'];
  readonly logLevel!: Settings['logLevel'];
  readonly logProfile!: Settings['logProfile'];
  readonly images!: Settings['images'];
  readonly dropdownMenu!: Settings['dropdownMenu'];
  readonly lab!: Settings['lab'];
  readonly fileserver!: Settings['fileserver'];
  readonly fsadmin!: Settings['fsadmin'];
  readonly berth!: Settings['berth'];
  readonly proxySecret!: Settings['proxySecret'];
  readonly pod!: Settings['pod'];
  readonly externalInstanceUrl!: Settings['externalInstanceUrl'];
  readonly repertoireBaseUrl!: Settings['repertoireBaseUrl'];
  readonly slackWebhook!: Settings['slackWebhook'];
  readonly utilityImage!: Settings['utilityImage'];
  readonly proxies!: Settings['proxies'];

  constructor(settings: Settings) {
    Object.assign(this, settings);
    Object.freeze(this);
  }
}

/** Gives the settings to every module. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: AppSettings, useValue: new AppSettings(settings) }],
      exports: [AppSettings],
    };
  }
}
