import { readFile } from 'node:fs/promises';
import { Log } from '../common/logger.js';
import { parseDockerConfig } from './registry.credentials.js';
import type { CredentialStore } from './registry.credentials.js';

const NONE: CredentialStore = new Map();

/**
 * Reads credentials whenever a registry wants some, so that a rotated Secret is found without a restart.
 *
 * A file that is missing or broken means anonymous access and a warning, not an error: many registries need no
 * credentials, and none is worth keeping the controller down for.
 *
 * @param path undefined if no credentials shall be used
 */
export async function readCredentials(path: string | undefined, log: Log): Promise<CredentialStore> {
  if (path === undefined) return NONE;
  try {
    const store = parseDockerConfig(await readFile(path, 'utf8'));
    if (store) return store;
    log.warn('registry credentials unusable', { path, reason: 'not_a_dockerconfigjson' });
  } catch (error) {
    // Only the code: nothing of what a credentials file holds may reach the log.
    const reason = error instanceof Error && 'code' in error ? error.code : 'unreadable';
    log.warn('registry credentials unusable', { path, reason });
  }
  return NONE;
}
