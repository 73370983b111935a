import { z } from 'zod';
import { bytes, milliCpu } from '../common/units.js';
import { resourcesSchema } from './scheduling.schema.js';
import { superseded } from './superseded.js';
import { cpu, memory } from './values.js';

/** What a size may be called, as in the contract (2.6): whoever asks for another is refused, so none may be offered. */
export const LAB_SIZES = [
  'fine',
  'diminutive',
  'tiny',
  'small',
  'medium',
  'large',
  'huge',
  'gargantuan',
  'colossal',
  'custom',
] as const;

/** Requests were a quarter of the limits before they could be written (contract 3.8). */
const LIMIT_TO_REQUEST = 4;
const REMEDY = 'use resources{limits, requests} (requests are taken as a quarter of the limits)';

/** One size of lab; a size of the earlier generation (`cpu` and `memory` beside `size`) becomes a current one. */
export const labSizeSchema = z
  .strictObject({
    size: z.enum(LAB_SIZES).describe('Name that users see and the Hub sends.'),
    resources: resourcesSchema.optional().describe('Required, unless the older cpu and memory are given.'),
    cpu: superseded(cpu(), REMEDY),
    memory: superseded(memory(), REMEDY),
  })
  .transform((written, context) => {
    const { size, resources } = written;
    if (resources) return { size, resources };
    if (written.cpu !== undefined && written.memory !== undefined) {
      return { size, resources: quartered({ cpu: written.cpu, memory: written.memory }) };
    }
    const message = 'is missing, expected limits and requests, each with cpu and memory';
    context.addIssue({ code: 'custom', path: ['resources'], message });
    return z.NEVER;
  });

type Resources = z.output<typeof resourcesSchema>;

function quartered(limits: Resources['limits']): Resources {
  const requests = {
    cpu: milliCpu(Math.floor(limits.cpu / LIMIT_TO_REQUEST)),
    memory: bytes(Math.floor(limits.memory / LIMIT_TO_REQUEST)),
  };
  return { limits, requests };
}
