import { z } from 'zod';
import { placement, resourcesSchema } from './scheduling.schema.js';
import { superseded } from './superseded.js';
import { duration, filled, flag, nameOrNone, pathPrefix, text, textMap } from './values.js';
import { volumeMountSchema, volumeSchema } from './volume.schema.js';

const ONE_IMAGE = 'one image serves all, set NUBLADO_CONTROLLER_REPOSITORY and NUBLADO_CONTROLLER_TAG';

const filesPrefix = pathPrefix().refine((prefix) => prefix !== '', {
  error: 'is the root, expected a path with a name such as /files',
});

/** User file servers (contract 3.4). A disabled section is not looked at: whatever else it holds is ignored. */
export const fileserverSchema = z
  .strictObject({
    enabled: flag().prefault(false),
    pathPrefix: filesPrefix.prefault('/files').describe('Path of the page, and of all servers below it.'),
    namespace: filled().optional().describe('Required if enabled; must exist already.'),
    application: nameOrNone(),
    extraAnnotations: textMap().prefault({}).describe('Annotations of Job and pod.'),
    creationTimeout: duration().prefault('2m'),
    deleteTimeout: duration().prefault('1m'),
    idleTimeout: duration().prefault('1h').describe('A server without use for so long ends.'),
    reconcileInterval: duration().prefault('60m'),
    volumeMounts: z.array(volumeMountSchema).prefault([]),
    resources: resourcesSchema.optional(),
    image: superseded(z.unknown(), ONE_IMAGE),
    ...placement,
  })
  .transform(({ enabled, namespace, image: _image, ...rest }) =>
    // A rule refuses an enabled section without namespace; here it would be silent beside other problems.
    enabled ? { enabled, namespace: namespace ?? '', ...rest } : { enabled },
  );

/** The pod for file system work by administrators (contract 3.5). Unknown keys are ignored, as today. */
export const fsadminSchema = z
  .object({
    podName: filled().prefault('fsadmin'),
    mountPrefix: text().optional().describe('Put before every mount path.'),
    extraVolumes: z.array(volumeSchema).prefault([]),
    extraVolumeMounts: z.array(volumeMountSchema).prefault([]),
    extraAnnotations: textMap().prefault({}),
    resources: resourcesSchema.optional(),
    timeout: duration().prefault('2m').describe('For each of create, delete and query.'),
    image: superseded(z.unknown(), ONE_IMAGE),
    command: superseded(z.unknown(), 'the pod waits by itself'),
    ...placement,
  })
  .transform(({ image: _image, command: _command, ...rest }) => rest);
