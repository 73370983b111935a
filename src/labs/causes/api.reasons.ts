import { reasons } from './reason.js';

/** What the API server says about the objects of a lab. */
export const API_REASONS = reasons({
  quota_exceeded: {
    meaning: 'A quota has no room for the lab.',
    remedy: 'Stop something else, choose a smaller size, or ask for more quota',
    who: 'user',
    fatal: 'when_certain',
  },
  sidecar_without_limits: {
    meaning: 'A quota demands limits of each container, and one that the cluster added has none.',
    remedy: 'Give the injected container resources, keep it out of lab namespaces, or use a LimitRange',
    who: 'operator',
    fatal: 'when_certain',
  },
  limits_exceeded: {
    meaning: 'A LimitRange does not allow the size of the lab.',
    remedy: 'Choose another size; an operator can make lab.sizes and the LimitRange agree',
    who: 'operator',
    fatal: 'when_certain',
  },
  webhook_denied: {
    meaning: 'An admission webhook refused an object of the lab.',
    remedy: 'The webhook says why; an operator can exempt lab namespaces or change the configuration of labs',
    who: 'operator',
    fatal: 'when_certain',
  },
  webhook_unreachable: {
    meaning: 'An admission webhook does not answer, so that nothing can be created.',
    remedy: 'An operator should look at the webhook; labs start as soon as it answers',
    who: 'operator',
    fatal: 'never',
  },
  policy_denied: {
    meaning: 'An admission policy of the cluster refused an object of the lab.',
    remedy: 'The policy says why; an operator can exempt lab namespaces or change the configuration of labs',
    who: 'operator',
    fatal: 'when_certain',
  },
  pod_security_denied: {
    meaning: 'The Pod Security level of the namespace forbids what the configuration asks for.',
    remedy: 'Take what the evidence names out of the configuration of labs, or lower the level',
    who: 'operator',
    fatal: 'when_certain',
  },
  not_allowed: {
    meaning: 'Berth lacks the right to create an object of the lab.',
    remedy: 'Apply the roles of the chart again',
    who: 'operator',
    fatal: 'when_certain',
  },
  object_refused: {
    meaning: 'The API server refused an object of the lab, for a reason that is passed on as it is.',
    remedy: 'The cluster’s policies refuse the lab as configured; its message says why',
    who: 'operator',
    fatal: 'when_certain',
  },
  removal_refused: {
    meaning: 'The cluster refuses to remove what the lab before left behind.',
    remedy: 'The evidence says why: look at webhooks, and at the roles of the chart',
    who: 'operator',
    fatal: 'never',
  },
  record_refused: {
    meaning: 'The cluster refuses to store what becomes of the lab.',
    remedy:
      'The log has its words: look at webhooks and policies for labs.berth.dev, the roles of the chart, and etcd',
    who: 'operator',
    fatal: 'never',
  },
  api_silent: {
    meaning: 'The API server does not answer in time when an object is created.',
    remedy:
      'Wait; an operator should look at admission webhooks that hang, then at the load of the API server',
    who: 'operator',
    fatal: 'never',
  },
  cluster_not_ready: {
    meaning: 'The API server is not ready to create an object yet.',
    remedy: 'Wait: it is tried again by itself',
    who: 'operator',
    fatal: 'never',
  },
  missing_secret: {
    meaning: 'A Secret that labs are to be given, or a key of it, does not exist.',
    remedy: 'Create the Secret that lab.secrets or lab.pullSecret names',
    who: 'operator',
    fatal: 'when_certain',
  },
  malformed_request_secret: {
    meaning: 'The recorded request of the spawn is gone or unreadable.',
    remedy: 'Start the lab again',
    who: 'user',
    fatal: 'when_certain',
  },
  request_incomplete: {
    meaning: 'The controller stopped while it accepted the request, of which only a part was recorded.',
    remedy: 'Start the lab again',
    who: 'user',
    fatal: 'when_certain',
  },
  namespace_taken: {
    meaning: 'A namespace of the name that the lab needs exists and does not belong to this controller.',
    remedy: 'Remove or rename it, or choose another lab.namespacePrefix',
    who: 'operator',
    fatal: 'when_certain',
  },
  pod_taken: {
    meaning: 'A pod that this controller did not make stands where the pod of the lab belongs.',
    remedy: 'Keep whatever made that pod out of lab namespaces; the next start removes it with the namespace',
    who: 'operator',
    fatal: 'when_certain',
  },
});
