import { coreColumns } from '../tables/core-columns.js';
import { CORE } from './core-resources.js';
import { define } from './define.js';
import { eventFromStored, eventToStored } from './event-view.js';
import { GROUPS } from './group-resources.js';
import { eventStrategy } from './node-event-strategies.js';
import type { Resource } from './resource.js';

const EVENT_VIEW: Resource = {
  ...define('events.k8s.io', 'v1', {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    strategy: eventStrategy,
    columns: coreColumns.event,
  }),
  storage: 'events',
  fromStored: eventFromStored,
  toStored: eventToStored,
};

/** Every resource served without a CRD. */
export const BUILTINS: readonly Resource[] = [...CORE, ...GROUPS, EVENT_VIEW];
