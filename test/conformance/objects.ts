import { WIDGETS } from './widgets.js';

/** A pod that no scheduler touches. */
export const aPod = (name: string, spec: object = {}): { metadata: object; spec: object } => ({
  metadata: { name },
  spec: {
    schedulerName: 'nobody',
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'registry.example.org/tool:1' }],
    ...spec,
  },
});

export const aMap = (name: string, data: object = { n: '1' }, metadata: object = {}): object => ({
  metadata: { name, ...metadata },
  data,
});

export const aSecret = (name: string, metadata: object = {}): object => ({
  metadata: { name, ...metadata },
  data: { n: 'MQ==' },
});

export const aWidget = (name: string, spec: object = {}, rest: object = {}): object => ({
  apiVersion: WIDGETS,
  kind: 'Widget',
  metadata: { name },
  spec: { size: 'small', ...spec },
  ...rest,
});

export const aLease = (name: string, spec: object = {}): object => ({
  metadata: { name },
  spec: { holderIdentity: 'one', leaseDurationSeconds: 15, ...spec },
});

export const HOLD = 'test.berth.dev/hold';
