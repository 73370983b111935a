import { z } from 'zod';
import { filled, flag, text } from './values.js';
import { volumeMountSchema } from './volume.schema.js';

export const pullPolicy = () => z.enum(['Always', 'IfNotPresent', 'Never']);

export const containerImageSchema = z.strictObject({
  repository: filled(),
  tag: filled(),
  pullPolicy: pullPolicy().prefault('IfNotPresent'),
});

export const initContainerSchema = z.strictObject({
  name: filled(),
  image: containerImageSchema,
  command: z.array(text()).optional().describe("Instead of the image's own entrypoint."),
  privileged: flag().prefault(false).describe('Run as root with all privileges.'),
  volumeMounts: z.array(volumeMountSchema).prefault([]),
});

export const labSecretSchema = z.strictObject({
  secretName: filled().describe("A Secret in the controller's namespace."),
  secretKey: filled(),
  env: filled().optional().describe('Environment variable of the lab that gets the value.'),
  path: filled().optional().describe('File of the lab that gets the value.'),
});
