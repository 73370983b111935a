import { z } from 'zod';
import { berthSchema } from './berth.schema.js';
import { fileserverSchema, fsadminSchema } from './fileserver.schema.js';
import { imagesSchema, menuSchema } from './images.schema.js';
import { labSchema } from './lab.schema.js';
import { metricsSchema } from './metrics.schema.js';
import { superseded } from './superseded.js';
import { duration, filled, httpUrlOrEmpty, pathPrefix, text } from './values.js';

const upper = (value: unknown): unknown => (typeof value === 'string' ? value.toUpperCase() : value);

const logProfile = () => z.enum(['production', 'development']);

/** The whole configuration file: Nublado's sections (contract 3) and our own optional one. */
export const fileSchema = z.strictObject({
  name: filled().prefault('Nublado').describe('Name of the application in metadata and messages.'),
  pathPrefix: pathPrefix().prefault('/nublado').describe('Prefix of all API paths.'),
  logLevel: z.preprocess(upper, z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'])).prefault('INFO'),
  logProfile: logProfile().optional().describe('JSON lines (production, the default) or text for people.'),
  metadataPath: text()
    .prefault('/etc/podinfo')
    .describe('Directory with name, namespace and uid of our own pod.'),
  watchReconnectTimeout: duration()
    .optional()
    .describe('Not used: a watch is opened anew after 90 s of silence, and after five minutes at most.'),
  metrics: metricsSchema.optional(),
  images: imagesSchema.describe('Where lab images come from and which are prepulled.'),
  dropdownMenu: menuSchema.prefault({}).describe('Which tags the drop-down menu offers.'),
  lab: labSchema.describe('What labs are made of.'),
  fileserver: fileserverSchema.prefault({}).describe('WebDAV servers of users.'),
  fsadmin: fsadminSchema.prefault({}).describe('The pod for file system work by administrators.'),
  berth: berthSchema.prefault({}).describe('Settings of Berth alone.'),
  profile: superseded(logProfile(), 'use logProfile'),
  baseUrl: superseded(text(), 'set the environment variable EXTERNAL_INSTANCE_URL'),
  slackWebhook: superseded(httpUrlOrEmpty(), 'set the environment variable NUBLADO_SLACK_WEBHOOK'),
});

export type ConfigFile = z.output<typeof fileSchema>;
