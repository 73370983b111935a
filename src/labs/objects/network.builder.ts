import type { V1NetworkPolicySpec, V1Service } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { KubeObject } from '../../kubernetes/index.js';
import { labSelector, objectMetadata } from './metadata.builder.js';
import type { LabPlace } from './metadata.builder.js';

/** The port that a lab serves on, inside and out. */
export const LAB_PORT = 8888;

/** A NetworkPolicy as it goes over the wire, where the SDK's `_from` is called `from`. */
interface WireNetworkPolicy extends KubeObject {
  readonly spec: Omit<Plain<V1NetworkPolicySpec>, 'ingress'> & { readonly ingress: readonly object[] };
}

/** Who may reach the lab: the Hub, and the user's other pods. Egress stays open (contract 5.5). */
export function buildNetworkPolicy(scope: LabPlace): WireNetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: objectMetadata(scope, scope.names.policy),
    spec: {
      policyTypes: ['Ingress'],
      podSelector: { matchLabels: labSelector(scope) },
      ingress: [
        {
          ports: [{ port: LAB_PORT }],
          from: [
            { namespaceSelector: { matchLabels: labSelector(scope) } },
            { namespaceSelector: {}, podSelector: { matchLabels: { app: 'jupyterhub' } } },
          ],
        },
      ],
    },
  };
}

/** What the Hub's proxy talks to. */
export function buildService(scope: LabPlace): Plain<V1Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: objectMetadata(scope, scope.names.service),
    spec: { ports: [{ port: LAB_PORT, targetPort: LAB_PORT }], selector: labSelector(scope) },
  };
}
