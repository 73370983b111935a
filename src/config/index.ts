export { AppSettings, ConfigModule } from './app-settings.js';
export { homeDirectory } from './home.js';
export { ConfigError, printRemark } from './problems.js';
export { fileKey, isReservedEnv } from './reserved.js';
export { Secret } from './secret.js';
export type {
  Affinity,
  AuthSettings,
  BerthSettings,
  DevelopmentUser,
  FileserverSettings,
  FsadminSettings,
  ImageSource,
  ImagesSettings,
  InitContainer,
  LabSecret,
  LabSettings,
  LabSize,
  MenuSettings,
  PodMetadata,
  Resources,
  Settings,
  Toleration,
  UtilityImage,
  Volume,
  VolumeMount,
  VolumeSource,
} from './settings.js';
export { checkFiles } from './check.js';
export { processEnv } from './environment.js';
export type { Env } from './environment.js';
export { loadSettings } from './load.js';
