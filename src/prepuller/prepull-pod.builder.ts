import type { V1OwnerReference, V1Pod } from '@kubernetes/client-node';
import type { Plain } from '../common/plain.js';
import { prepullName } from './prepull.names.js';
import type { WantedImage } from './prepull.js';

export const CATEGORY_LABEL = 'nublado.lsst.io/category';
export const CATEGORY = 'prepuller';
/** The controller's namespace: tells our pods from those of a Nublado controller, which has the same names for its own. */
export const INSTANCE_LABEL = 'berth.dev/instance';
export const CONTAINER = 'prepull';

/** Nobody: what `/bin/true` needs to be, whatever user the image names. */
const NOBODY = 65_534;

export interface PrepullSettings {
  /** The controller's namespace, in which the pods are. */
  readonly namespace: string;
  readonly pullSecret: string | undefined;
  readonly tolerations: readonly object[];
  readonly owner: Plain<V1OwnerReference> | undefined;
}

/**
 * The pod whose only effect is that a kubelet pulls an image (contract 5.10). Bound to its node by us: no scheduler, so
 * that a full node does not leave it waiting. Fits the Pod Security level `restricted`.
 */
export function buildPrepullPod(image: WantedImage, node: string, settings: PrepullSettings): Plain<V1Pod> {
  const { namespace, owner, pullSecret, tolerations } = settings;
  const least = { cpu: '1m', memory: '16Mi' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: prepullName(image.tag, node),
      namespace,
      labels: { [CATEGORY_LABEL]: CATEGORY, [INSTANCE_LABEL]: namespace },
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: NOBODY,
        runAsGroup: NOBODY,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
      tolerations: tolerations.map((toleration) => ({ ...toleration })),
      containers: [
        {
          name: CONTAINER,
          image: image.reference,
          // The digest decides; a tag `latest` beside it would mean Always.
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/true'],
          workingDir: '/tmp',
          resources: { limits: least, requests: least },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
