import { z } from 'zod';
import { absolutePath, filled, flag, text } from './values.js';
import { RESERVED_MOUNTS } from './reserved.js';

/** A path inside a container that configuration may use. */
export const containerPath = () =>
  absolutePath().refine((value) => !RESERVED_MOUNTS.has(value), {
    error: `is reserved, expected a path other than ${[...RESERVED_MOUNTS].join(', ')}`,
  });

const requests = z.record(
  z.string(),
  z.union([text(), z.number().transform(String)], { error: 'is no quantity, expected one such as 10Gi' }),
);

const volumeSourceSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hostPath'), path: absolutePath() }),
  z.strictObject({
    type: z.literal('nfs'),
    server: filled(),
    serverPath: absolutePath(),
    readOnly: flag().prefault(false),
  }),
  z.strictObject({
    type: z.literal('persistentVolumeClaim'),
    accessModes: z.array(z.enum(['ReadOnlyMany', 'ReadWriteMany'])),
    storageClassName: text(),
    resources: z.object({ requests }),
    readOnly: flag().prefault(false),
  }),
]);

export const volumeSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, {
      error: 'is no volume name, expected lower-case letters, digits and inner hyphens',
    }),
    source: volumeSourceSchema,
  })
  .meta({ id: 'volume' });

export const volumeMountSchema = z
  .strictObject({
    containerPath: containerPath(),
    volumeName: text(),
    subPath: text().optional(),
    readOnly: flag().prefault(false),
  })
  .meta({ id: 'volumeMount' });
