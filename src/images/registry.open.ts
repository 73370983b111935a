import { Clock } from '../common/clock.js';
import { Log } from '../common/logger.js';
import type { Settings } from '../config/index.js';
import { GoogleClient } from './google.client.js';
import type { ImageRegistry } from './image-registry.js';
import { repositoryOf } from './images.source.js';
import { RegistryClient } from './registry.client.js';
import { readCredentials } from './registry.credentials-file.js';

/**
 * The registry that the configuration names.
 *
 * @throws InvalidImageSource if no reference could name the repository
 * @throws UnreadableAuthorities if the file of certificate authorities cannot be read
 */
export function openRegistry(
  { images, berth, proxies }: Pick<Settings, 'images' | 'berth' | 'proxies'>,
  clock: Clock,
  log: Log,
): ImageRegistry {
  const { source } = images;
  const repository = repositoryOf(source);
  const { caPath, redirectHosts, google } = berth.images;
  const network = { proxies, caPath, redirectHosts };
  if (source.type === 'google') return new GoogleClient({ ...google, source, network }, clock);
  const credentials = () => readCredentials(images.dockerCredentialsPath, log);
  return new RegistryClient({ ...berth.images, network, source: repository, credentials }, clock);
}
