import { z } from 'zod';
import { flag } from './values.js';

const unused = (what: string) => z.unknown().optional().describe(`${what}; not used.`);

/**
 * Metrics events by Kafka (contract 3.7). Not built: the keys are accepted so that a file need not change, nothing
 * in them can stop a start, and a warning points to the Prometheus metrics.
 */
export const metricsSchema = z
  .looseObject({
    enabled: flag()
      .optional()
      .catch(undefined)
      .describe('Kafka metrics; Berth serves Prometheus metrics instead.'),
    application: unused('Name in events'),
    appName: unused('Name in events'),
    events: unused('Topic of events'),
    kafka: unused('Connection to Kafka'),
    schemaManager: unused('Schema registry'),
    raiseOnError: unused('Failure policy'),
    backoffInterval: unused('Retry interval'),
  })
  .describe('Metrics by Kafka are not built; use the Prometheus metrics (berth.metrics).');
