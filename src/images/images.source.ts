import type { ImageSource } from '../config/index.js';
import { isRegistry, isRepository } from './image-reference.js';
import type { Repository } from './image.js';
import { InvalidImageSource } from './images.errors.js';

/**
 * Where the configuration says that lab images are (contract 3.2).
 *
 * @throws InvalidImageSource if no reference could name it
 */
export function repositoryOf(source: ImageSource): Repository {
  const repository = locate(source);
  if (!isRegistry(repository.registry)) {
    throw new InvalidImageSource(source.type === 'docker' ? 'registry' : 'location', repository.registry);
  }
  if (!isRepository(repository.repository)) throw new InvalidImageSource('repository', repository.repository);
  return repository;
}

function locate(source: ImageSource): Repository {
  switch (source.type) {
    case 'docker':
      return { registry: source.registry, repository: source.repository };
    case 'google':
      return {
        registry: `${source.location}-docker.pkg.dev`,
        repository: `${source.projectId}/${source.repository}/${source.image}`,
      };
  }
}
