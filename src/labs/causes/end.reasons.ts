import { reasons } from './reason.js';

const again = 'Start the lab again';

/** How a pod, or what it stands in, comes to an end. */
export const END_REASONS = reasons({
  exited: {
    meaning: 'The lab ended by itself, without an error.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  pod_ended: {
    meaning: 'The lab ended with an error; its last words are the evidence.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  evicted: {
    meaning: 'The node ran out of memory, disk or processes and sent the lab away.',
    remedy: 'Start the lab again; if it recurs, the nodes lack memory or disk',
    who: 'operator',
    fatal: 'always',
  },
  storage_limit_exceeded: {
    meaning:
      'The lab wrote more to /tmp, or to other storage that ends with it, than it may; its node sent it away.',
    remedy: 'Write less to /tmp, or choose a larger size',
    who: 'user',
    fatal: 'always',
  },
  preempted: {
    meaning: 'Something more important needed the place of the lab.',
    remedy: 'Start the lab again; an operator can raise the priority of labs or add nodes',
    who: 'operator',
    fatal: 'always',
  },
  node_shut_down: {
    meaning: 'The node of the lab was shut down.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  node_lost: {
    meaning: 'The node of the lab failed or was removed.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  drained: {
    meaning: 'The lab was evicted by request, as when a node is drained for maintenance.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  refused_by_node: {
    meaning: 'The node refused the pod when it arrived: what the scheduler had seen was not true any more.',
    remedy: 'Start the lab again; if it recurs, an operator should look at the node',
    who: 'user',
    fatal: 'always',
  },
  deadline_exceeded: {
    meaning: 'The pod was given a time limit, and it is over.',
    remedy: 'Start the lab again; an operator can lift the limit',
    who: 'operator',
    fatal: 'always',
  },
  pod_gone: {
    meaning: 'Somebody, or the cluster, deleted the pod of a running lab.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  pod_missing: {
    meaning: 'The pod of the lab was gone before the lab had started.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  pod_deleted: {
    meaning: 'Somebody, or the cluster, deleted the pod while the lab started.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  namespace_gone: {
    meaning: 'Somebody deleted the namespace of the lab.',
    remedy: again,
    who: 'user',
    fatal: 'always',
  },
  spawn_timed_out: {
    meaning: 'The lab did not start within lab.spawnTimeout; the evidence says what it waited for.',
    remedy: 'Try again later, or ask an operator to look at the cluster',
    who: 'operator',
    fatal: 'always',
  },
});
