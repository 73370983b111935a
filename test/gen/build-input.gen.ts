import type { LabBuildInput, LabRequestData } from '../../src/labs/objects/index.js';
import { aLab } from './lab.gen.js';
import { someSettings } from './settings.gen.js';

/** What a Hub sends with a spawn, empty values included. */
export function aRequest(parts: Partial<LabRequestData> = {}): LabRequestData {
  return {
    token: 'gt-of-the-user',
    ...parts,
    env: {
      JUPYTERHUB_SERVICE_PREFIX: '/nb/user/rachel/',
      JUPYTERHUB_API_URL: 'http://hub.nublado:8081/nb/hub/api',
      JUPYTERHUB_PUBLIC_URL: '',
      ...parts.env,
    },
  };
}

/** Everything that the objects of a lab are built from. */
export function aBuildInput(parts: Partial<LabBuildInput> = {}): LabBuildInput {
  return {
    lab: parts.lab ?? aLab(),
    request: aRequest(),
    settings: parts.settings ?? someSettings(),
    instance: 'nublado',
    secrets: new Map(),
    discovery: { services: { internal: { gafaelfawr: { url: 'https://data.example.org/auth' } } } },
    ...parts,
  };
}
