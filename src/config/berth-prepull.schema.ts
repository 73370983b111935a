import { z } from 'zod';
import { span, whole } from './values.js';

/** How hard nodes and registries are pulled at. */
export const prepullSchema = z
  .strictObject({
    perNode: whole(1, 100)
      .prefault(2)
      .describe(
        'Images pulled at once onto one node. Default 2: an image that hangs does not hold up the next, and a lab has little to wait for on a node that pulls one after the other.',
      ),
    total: whole(1, 100_000)
      .prefault(100)
      .describe(
        'Pulls at once over all nodes. Default 100: pods in the namespace of the controller, far below what a quota or an API server minds.',
      ),
    perRegistry: whole(1, 100_000)
      .prefault(50)
      .describe(
        'Pulls at once from one registry. Default 50: a registry serves them at full speed, and none is taken for an attack; no image takes more than half.',
      ),
    firstRetry: span()
      .prefault('30s')
      .describe('Pause after a pull that failed. Default 30 s: a hiccup of the registry is over by then.'),
    longestRetry: span()
      .prefault('15m')
      .describe(
        'The pause doubles with each failure up to this. Default 15 m: whoever mended something sees it work within a coffee break.',
      ),
  })
  .superRefine(({ firstRetry, longestRetry }, context) => {
    if (longestRetry >= firstRetry) return;
    const message = 'is too short, expected at least prepull.firstRetry';
    context.addIssue({ code: 'custom', path: ['longestRetry'], message });
  });
