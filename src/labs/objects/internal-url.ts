import type { LabWish } from '../lab.js';
import { objectNames } from '../lab.names.js';
import type { LabBuildSettings } from './settings.js';

/** Where JupyterHub reaches the lab; known from acceptance on (contract 2.6, `internal_url`). */
export function internalUrl(
  wish: Pick<LabWish, 'owner' | 'labName' | 'servicePrefix'>,
  settings: { readonly lab: Pick<LabBuildSettings['lab'], 'namespacePrefix'> },
): string {
  const names = objectNames(settings.lab.namespacePrefix, wish.owner.username, wish.labName);
  return `http://${names.service}.${names.namespace}:8888${wish.servicePrefix}`;
}
