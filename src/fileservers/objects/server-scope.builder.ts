import type { V1ObjectMeta } from '@kubernetes/client-node';

import type { Plain } from '../../common/plain.js';
import type { BerthSettings, EnabledFileserver, UtilityImage } from '../../config/index.js';
import type { ConfiguredVolume } from '../../volumes/index.js';
import { CATEGORY_LABEL, FILESERVER, INSTANCE, OPERATION, OWNER, USER_LABEL } from '../fileserver.marks.js';
import type { FileServer } from '../fileserver.js';
import { objectName } from '../fileserver.names.js';
import { ARGO_ANNOTATIONS } from './placement.builder.js';

/** Everything the objects of one server depend on. */
export interface ServerBuildInput {
  readonly server: Pick<FileServer, 'name' | 'uid' | 'wish'>;
  readonly instance: string;
  readonly files: EnabledFileserver;
  readonly publishing: BerthSettings['fileservers'];
  /** `lab.volumes`, of which servers mount some. */
  readonly volumes: readonly ConfiguredVolume[];
  readonly image: UtilityImage;
  /** `https://data.example.org`, without a slash at its end. */
  readonly baseUrl: string;
  /** Where the server asks whose credentials it is shown; undefined where an ingress has asked before. */
  readonly verifyUrl: string | undefined;
}

export const namesOf = ({ server }: Pick<ServerBuildInput, 'server'>): { readonly object: string } => ({
  object: objectName(server.name),
});

/** The path under which everybody reaches this server: `{pathPrefix}/{user}`. */
export const serverPath = ({ server, files }: Pick<ServerBuildInput, 'server' | 'files'>): string =>
  `${files.pathPrefix}/${server.name}`;

/** What selects a server's pod; as in the contract, so that a Nublado controller's pods are found too. */
export const serverSelector = ({ server }: Pick<ServerBuildInput, 'server'>): Record<string, string> => ({
  [CATEGORY_LABEL]: FILESERVER,
  [USER_LABEL]: server.name,
});

/** Labels that say whose an object is, in a namespace that many share. */
export const ownershipLabels = ({ server, instance }: ServerBuildInput): Record<string, string> => ({
  [INSTANCE]: instance,
  [OWNER]: server.uid,
  [OPERATION]: server.wish.operation.id,
});

export function serverMetadata(input: ServerBuildInput, name: string): Plain<V1ObjectMeta> {
  const { application, namespace } = input.files;
  return {
    name,
    namespace,
    labels: {
      ...serverSelector(input),
      ...(application === undefined ? {} : { 'argocd.argoproj.io/instance': application }),
      ...ownershipLabels(input),
    },
    annotations: { ...ARGO_ANNOTATIONS },
  };
}
