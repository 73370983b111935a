import { z } from 'zod';
import { filled, httpUrl, span, textMap } from './values.js';

const ingressSchema = z.strictObject({
  className: filled()
    .optional()
    .describe('Which ingress controller serves it. Default: the cluster’s default class.'),
  tlsSecret: filled()
    .optional()
    .describe('Secret with the certificate, in fileserver.namespace. Default: none, the controller decides.'),
  annotations: textMap()
    .prefault({})
    .describe('Annotations of each Ingress, such as the largest body. Default: none.'),
});

const gatewaySchema = z.strictObject({
  name: filled().optional().describe('Gateway that the HTTPRoutes are attached to. Required for httproute.'),
  namespace: filled().optional().describe('Its namespace. Default: fileserver.namespace.'),
  sectionName: filled().optional().describe('Its listener. Default: all that fit.'),
});

/** How users' file servers are published; everything else about them is Nublado's `fileserver` section. */
export const berthFileserversSchema = z.strictObject({
  publish: z
    .enum(['gafaelfawr', 'ingress', 'httproute'])
    .prefault('gafaelfawr')
    .describe(
      'By which object a file server is reached. Default gafaelfawr, as the Nublado controller; with the others each server asks Berth whose credentials it is shown.',
    ),
  verifyUrl: httpUrl()
    .optional()
    .describe(
      'URL of this service inside the cluster, path prefix included (http://berth.berth:80/nublado), where file servers ask about credentials. Required unless gafaelfawr asks.',
    ),
  scope: filled()
    .prefault('write:files')
    .describe('What a Gafaelfawr token must allow for files. Default write:files, as at the ingress.'),
  drain: span()
    .prefault('10m')
    .describe(
      'How long a server that is told to end, on a drained node for instance, may take for the transfers under way; what is not complete then is cut, and the old file stays. Default 10 min, as long as cluster autoscalers wait.',
    ),
  ingress: ingressSchema.prefault({}).describe('For publish: ingress.'),
  gateway: gatewaySchema.prefault({}).describe('For publish: httproute.'),
});
