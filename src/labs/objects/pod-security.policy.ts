import type { LabPodSettings } from './settings.js';

export interface PodSecurity {
  /** The strictest level of the Pod Security Standards that lab pods pass. */
  readonly level: 'restricted' | 'baseline' | 'privileged';
  /** What in the configuration forbids a stricter one, one phrase each. */
  readonly loweredBy: readonly string[];
}

/** The strictest Pod Security level that the configuration allows. */
export function podSecurityLevel(_settings: { readonly lab: LabPodSettings }): PodSecurity {
  throw new Error('under construction');
}
