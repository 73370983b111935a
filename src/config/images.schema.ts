import { z } from 'zod';
import { duration, filled, text, utcDate, whole } from './values.js';
import { superseded } from './superseded.js';

const CREDENTIALS = 'use images.dockerCredentialsPath';

export const imagesSchema = z.strictObject({
  source: z
    .discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('docker'),
        registry: filled().prefault('docker.io').describe('Host of the registry, with a port where needed.'),
        repository: filled(),
        credentialsPath: superseded(text(), CREDENTIALS),
      }),
      z.strictObject({
        type: z.literal('google'),
        location: filled(),
        projectId: filled(),
        repository: filled(),
        image: filled(),
        credentialsPath: superseded(text(), CREDENTIALS),
      }),
    ])
    .describe('Where lab images come from.'),
  dockerCredentialsPath: text()
    .nullable()
    .optional()
    .describe('A .dockerconfigjson file; default /etc/secrets/.dockerconfigjson, null for anonymous access.'),
  refreshInterval: duration().prefault('5m').describe('How often the registry is asked for tags.'),
  prepullTimeout: duration().prefault('10m').describe('Bound for one image on one node.'),
  recommendedTag: filled().prefault('recommended'),
  numReleases: whole(0).prefault(1),
  numWeeklies: whole(0).prefault(2),
  numDailies: whole(0).prefault(3),
  cycle: whole().optional().describe('Only tags of this cycle are shown.'),
  pin: z.array(filled()).prefault([]).describe('Tags that are always prepulled.'),
  aliasTags: z
    .array(filled())
    .prefault([])
    .describe('Tags that are other names of an image (docker sources).'),
});

const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

const filter = () =>
  z
    .strictObject({
      number: whole(0).optional().describe('At most so many tags; 0 is no limit.'),
      age: duration().optional().describe('Only tags younger than this.'),
      cutoffBuild: whole().optional(),
      cutoffDate: utcDate().optional(),
      cutoffVersion: z
        .string()
        .regex(SEMVER, { error: 'is no semantic version, expected one such as 27.0.0' })
        .optional(),
    })
    .optional();

/** Which tags the drop-down menu offers (contract 3.3). */
export const menuSchema = z.strictObject({
  release: filter(),
  weekly: filter(),
  daily: filter(),
  releaseCandidate: filter(),
  experimental: filter(),
});
