import type {
  V1Container,
  V1EnvVar,
  V1ResourceRequirements,
  V1SecurityContext,
} from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { Owner } from '../../common/record.js';
import type { LabResources, Quantities } from '../lab.js';
import { TOKEN_KEY } from './environment.builder.js';
import type { LabScope } from './metadata.builder.js';
import { LAB_PORT } from './network.builder.js';
import { notebookMounts } from './pod-volumes.builder.js';
import { cpuText } from './text.js';

/** The container whose state is the lab's state. */
const NOTEBOOK = 'notebook';

/** What all containers of a lab pod have in common (contract 5.4, and the last words kept in the pod's status). */
type CommonContainer = Pick<Plain<V1Container>, 'env' | 'envFrom' | 'resources' | 'terminationMessagePolicy'>;

/** `own` are the variables that belong to this container alone; they win over the lab's environment. */
export function commonContainer(scope: LabScope, own: readonly Plain<V1EnvVar>[]): CommonContainer {
  return {
    envFrom: [{ configMapRef: { name: scope.names.env } }],
    env: [...own, ...secretVariables(scope, own)],
    resources: resources(scope.input.lab.wish.resources),
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

/** The lab itself. */
export function notebookContainer(scope: LabScope): Plain<V1Container> {
  const { settings, lab } = scope.input;
  const nodeName = { fieldRef: { fieldPath: 'spec.nodeName' } };
  const own: Plain<V1EnvVar>[] = [
    ...credentialVariables(scope),
    { name: 'KUBERNETES_NODE_NAME', valueFrom: nodeName },
    { name: 'K8S_NODE_NAME', valueFrom: nodeName },
  ];
  return {
    name: NOTEBOOK,
    image: lab.wish.image.reference,
    imagePullPolicy: 'IfNotPresent',
    args: [...settings.lab.labStartCommand],
    ...commonContainer(scope, own),
    ports: [{ containerPort: LAB_PORT, name: 'jupyterlab' }],
    ...(settings.berth.readiness === 'tcp'
      ? { readinessProbe: { tcpSocket: { port: LAB_PORT }, periodSeconds: 2 } }
      : {}),
    securityContext: userSecurity(lab.wish.owner),
    volumeMounts: notebookMounts(scope),
    workingDir: scope.home,
  };
}

/** The user's token under both its names, and each configured secret that has a variable. */
export function credentialVariables({ names, input }: LabScope): Plain<V1EnvVar>[] {
  const from = (key: string) => ({ secretKeyRef: { name: names.secret, key } });
  return [
    { name: 'ACCESS_TOKEN', valueFrom: from(TOKEN_KEY) },
    { name: 'NUBLADO_TOKEN', valueFrom: from(TOKEN_KEY) },
    ...input.settings.lab.secrets.flatMap(({ env, secretKey }) =>
      env === undefined ? [] : [{ name: env, valueFrom: from(secretKey) }],
    ),
  ];
}

function secretVariables(
  { names, environment }: LabScope,
  own: readonly Plain<V1EnvVar>[],
): Plain<V1EnvVar>[] {
  const taken = new Set(own.map(({ name }) => name));
  return environment.secret
    .filter(({ name }) => !taken.has(name))
    .map(({ name, key }) => ({ name, valueFrom: { secretKeyRef: { name: names.secret, key } } }));
}

function resources({ limits, requests }: LabResources): Plain<V1ResourceRequirements> {
  const texts = ({ cpu, memory }: Quantities) => ({ cpu: cpuText(cpu), memory: String(memory) });
  return { limits: texts(limits), requests: texts(requests) };
}

/** The user with no privilege at all. `ALL` in capitals: Pod Security compares it literally. */
export function userSecurity(owner: Pick<Owner, 'uid' | 'gid'>): Plain<V1SecurityContext> {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: owner.uid,
    runAsGroup: owner.gid,
  };
}

/** Root with every privilege, for containers that the operator said need it. */
export function rootSecurity(): Plain<V1SecurityContext> {
  return {
    privileged: true,
    allowPrivilegeEscalation: true,
    readOnlyRootFilesystem: true,
    runAsNonRoot: false,
    runAsUser: 0,
  };
}
