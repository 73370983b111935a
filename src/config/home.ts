import type { LabSettings } from './settings.js';

/** The home directory of a user inside a lab (contract 3.6). */
export function homeDirectory(
  lab: Pick<LabSettings, 'homedirPrefix' | 'homedirSchema' | 'homedirSuffix'>,
  username: string,
): string {
  const initial = lab.homedirSchema === 'initialThenUsername' ? [username.slice(0, 1)] : [];
  const suffix = lab.homedirSuffix === '' ? [] : [lab.homedirSuffix];
  return [lab.homedirPrefix, ...initial, username, ...suffix].join('/');
}
