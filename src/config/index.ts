export { AppSettings, ConfigModule } from './app-settings.js';
export { homeDirectory } from './home.js';
export { LAB_SIZES } from './lab-size.schema.js';
export { ConfigError, printRemark } from './problems.js';
export { fileKey } from './reserved.js';
export { Secret } from './secret.js';
export type {
  AuthSettings,
  BerthSettings,
  DevelopmentUser,
  EnabledFileserver,
  FsadminSettings,
  ImageSource,
  ImagesSettings,
  InitContainer,
  LabSecret,
  LabSettings,
  LabSize,
  Proxies,
  Settings,
  UtilityImage,
} from './settings.js';
export { checkFiles } from './check.js';
export type { CheckedFiles } from './check.js';
export type { ConfigFile } from './file.schema.js';
export { processEnv } from './environment.js';
export { loadSettings } from './load.js';
