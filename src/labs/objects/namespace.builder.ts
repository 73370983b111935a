import type { V1Namespace, V1ResourceQuota, V1ServiceAccount } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { Owner } from '../../common/record.js';
import { nameAnnotations } from '../lab.names.js';
import { INSTANCE, LAB_UID, OPERATION } from './marks.js';
import { COMMON_ANNOTATIONS, commonLabels, objectMetadata } from './metadata.builder.js';
import type { LabScope } from './metadata.builder.js';
import { podSecurityLevel } from './pod-security.policy.js';
import { cpuText } from './text.js';

/** The Namespace: the unit of ownership, so it says whose it is. Configured annotations can't change that. */
export function buildNamespace(scope: LabScope): Plain<V1Namespace> {
  const { input, names } = scope;
  const { wish, uid } = input.lab;
  const { username } = wish.owner;
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: names.namespace,
      labels: {
        ...commonLabels(scope),
        'pod-security.kubernetes.io/enforce': podSecurityLevel(input.settings).level,
      },
      annotations: {
        ...COMMON_ANNOTATIONS,
        ...rendered(input.settings.lab.namespaceAnnotations, wish.owner),
        ...nameAnnotations({ username, labName: wish.labName }, names.user),
        [INSTANCE]: input.instance,
        [LAB_UID]: uid,
        [OPERATION]: wish.operation.id,
      },
    },
  };
}

/** `{{uid}}` and `{{gid}}` filled in (contract 3.6), also with blanks inside, as such templates are often written. */
function rendered(templates: Readonly<Record<string, string>>, { uid, gid }: Owner): Record<string, string> {
  const entries = Object.entries(templates).map(([name, template]) => [
    name,
    template.replace(/\{\{\s*uid\s*\}\}/g, String(uid)).replace(/\{\{\s*gid\s*\}\}/g, String(gid)),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The account that every pod of the namespace runs under; nobody needs to wait for the cluster to make it. */
export function buildServiceAccount(scope: LabScope): Plain<V1ServiceAccount> {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: objectMetadata(scope, scope.names.serviceAccount),
    automountServiceAccountToken: false,
  };
}

/** Bounds what the user runs in the namespace; `undefined` without a notebook quota. */
export function buildQuota(scope: LabScope): Plain<V1ResourceQuota> | undefined {
  const { quota } = scope.input.lab.wish;
  if (quota === null) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: objectMetadata(scope, scope.names.quota),
    spec: { hard: { 'limits.cpu': cpuText(quota.cpu), 'limits.memory': String(quota.memory) } },
  };
}
