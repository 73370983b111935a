import {
  CONFIG_MAPS,
  NAMESPACES,
  NETWORK_POLICIES,
  PODS,
  RESOURCE_QUOTAS,
  SECRETS,
  SERVICES,
  SERVICE_ACCOUNTS,
  VOLUME_CLAIMS,
  withIntent,
} from '../../kubernetes/index.js';
import type { KubeObject, ObjectRef, ResourceKind } from '../../kubernetes/index.js';
import { volumeClaim } from '../../volumes/index.js';
import {
  buildEnvironmentMap,
  buildFilesMap,
  buildLabSecret,
  buildNssMap,
  buildPullSecret,
} from './content.builder.js';
import { labPlace, labScope, objectMetadata } from './metadata.builder.js';
import type { LabPlace, LabScope } from './metadata.builder.js';
import { buildNamespace, buildQuota, buildServiceAccount } from './namespace.builder.js';
import { buildNetworkPolicy, buildService } from './network.builder.js';
import { buildPod } from './pod.builder.js';
import type { LabBuildInput } from './settings.js';

/** One object to create, with where it goes. */
export interface LabObject {
  readonly kind: ResourceKind;
  readonly object: KubeObject;
  readonly ref: ObjectRef;
}

/**
 * All objects of a lab in the order in which they are created (contract 5.2), the Namespace first and the Pod last.
 * The same input gives the same objects, on every replica and after every restart.
 * @throws {MissingSecret} when the configuration names a Secret or key that `secrets` lacks
 */
export function buildLabObjects(input: LabBuildInput): readonly LabObject[] {
  return draftLabObjects(input).map(marked);
}

/**
 * The same without the hashes of themselves, which cost as much as all the rest: enough to measure them.
 * @throws {MissingSecret} as {@link buildLabObjects}
 */
export function draftLabObjects(input: LabBuildInput): readonly LabObject[] {
  const scope = labScope(input);
  return [
    placed(NAMESPACES, buildNamespace(scope)),
    ...(input.settings.berth.defaultServiceAccount === 'create'
      ? [placed(SERVICE_ACCOUNTS, buildServiceAccount(scope))]
      : []),
    ...claims(scope),
    placed(CONFIG_MAPS, buildEnvironmentMap(scope)),
    placed(CONFIG_MAPS, buildNssMap(scope)),
    placed(CONFIG_MAPS, buildFilesMap(scope)),
    placed(SECRETS, buildLabSecret(scope)),
    ...optional(SECRETS, buildPullSecret(scope)),
    ...optional(RESOURCE_QUOTAS, buildQuota(scope)),
    ...networkObjects(scope),
    placed(PODS, buildPod(scope)),
  ];
}

/** Those that lead to a lab; they depend on nothing that only its request knew, and so can be made again at any time. */
export const buildNetworkObjects = (input: LabPlace['input']): readonly LabObject[] =>
  networkObjects(labPlace(input)).map(marked);

const networkObjects = (place: LabPlace): readonly LabObject[] => [
  placed(NETWORK_POLICIES, buildNetworkPolicy(place)),
  placed(SERVICES, buildService(place)),
];

/** A claim for every volume that needs one: the pod names them all, mounted or not, and waits for each. */
function claims(scope: LabScope): LabObject[] {
  return scope.input.settings.lab.volumes.flatMap((volume) =>
    optional(VOLUME_CLAIMS, volumeClaim(volume, objectMetadata(scope, scope.names.claim(volume.name)))),
  );
}

const optional = (kind: ResourceKind, object: KubeObject | undefined): LabObject[] =>
  object === undefined ? [] : [placed(kind, object)];

/** With the hash of itself; a Namespace has its owner's marks instead. */
const marked = (one: LabObject): LabObject =>
  one.kind === NAMESPACES ? one : { ...one, object: withIntent(one.object) };

function placed(kind: ResourceKind, object: KubeObject): LabObject {
  const { metadata } = object;
  return { kind, object, ref: { namespace: metadata?.namespace, name: metadata?.name ?? '' } };
}
