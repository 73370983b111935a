import type { V1Secret } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import { LABS } from '../lab.resource.js';
import { requestSecretName } from '../lab.names.js';
import { OPERATION } from './marks.js';
import { MalformedRequestSecret } from './objects.errors.js';
import type { LabRequestData } from './settings.js';

/** The Secret type that marks what a request brought; informers select by it. */
export const REQUEST_SECRET_TYPE = 'berth.dev/lab-request';

export interface RequestSecretInput {
  readonly lab: { readonly name: string; readonly uid: string };
  readonly operationId: string;
  readonly data: LabRequestData;
  /** The controller's namespace. */
  readonly namespace: string;
}

/** What a Lab must not show, beside it and gone with it: owned by the Lab, never changed. */
export function buildRequestSecret(input: RequestSecretInput): Plain<V1Secret> {
  const { lab, operationId, data, namespace } = input;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: requestSecretName(lab.name, operationId),
      namespace,
      labels: { [OPERATION]: operationId },
      ownerReferences: [
        {
          apiVersion: `${LABS.group}/${LABS.version}`,
          kind: LABS.kind,
          name: lab.name,
          uid: lab.uid,
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    type: REQUEST_SECRET_TYPE,
    immutable: true,
    data: { env: encoded(JSON.stringify(data.env)), token: encoded(data.token) },
  };
}

/** @throws {MalformedRequestSecret} when the Secret is not one that {@link buildRequestSecret} made */
export function readRequestSecret(secret: Plain<V1Secret>): LabRequestData {
  const { env, token } = secret.data ?? {};
  const variables = env === undefined ? undefined : parsed(decoded(env));
  if (secret.type !== REQUEST_SECRET_TYPE || token === undefined || !isTextMap(variables)) {
    throw new MalformedRequestSecret('The Secret with the request of this operation cannot be read', {
      context: { secret: secret.metadata?.name, namespace: secret.metadata?.namespace },
    });
  }
  return { env: variables, token: decoded(token) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) => typeof entry === 'string');
}

const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
