import type { AnsweredRequest } from '../http/index.js';
import type { RequestObserver } from '../kubernetes/index.js';
import type { Metrics } from './metrics.js';

const QUICK_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts and times our requests to the API server: the currency of a cluster. */
export function kubernetesObserver(metrics: Metrics): RequestObserver {
  const requests = metrics.counter({
    name: 'berth_kubernetes_requests_total',
    help: 'Requests sent to the API server, repeats included. Status 0: no answer.',
    labelNames: ['verb', 'resource', 'subresource', 'reason', 'status'],
  });
  const durations = metrics.histogram({
    name: 'berth_kubernetes_request_duration_seconds',
    help: 'From sending a request to the end of its answer; for a watch, to its headers.',
    labelNames: ['verb', 'resource'],
    buckets: QUICK_SECONDS,
  });
  return ({ verb, resource, subresource = '', reason, status, duration }) => {
    requests.inc({ verb, resource, subresource, reason, status });
    durations.observe({ verb, resource }, duration / 1000);
  };
}

/** Counts and times the requests we answer, by route pattern. Streams count when they end, without their time. */
export function httpObserver(metrics: Metrics): (request: AnsweredRequest) => void {
  const durations = metrics.histogram({
    name: 'berth_http_request_duration_seconds',
    help: 'From the first byte of a request to the last byte of its answer, streams excepted.',
    labelNames: ['method', 'route', 'status'],
    buckets: QUICK_SECONDS,
  });
  const streams = metrics.counter({
    name: 'berth_http_streams_ended_total',
    help: 'Event streams that ended, whoever ended them.',
    labelNames: ['route'],
  });
  return ({ method, route, status, took }) => {
    if (route.endsWith('/events') && status === 200) streams.inc({ route });
    else durations.observe({ method, route, status }, took / 1000);
  };
}
