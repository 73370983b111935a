import { reasons } from './reason.js';

/** The pod has no node yet. None of this is ever fatal: a node may come, and somebody may leave. */
export const SCHEDULING_REASONS = reasons({
  cpu_short: {
    meaning: 'Nodes that would take the lab have too little CPU left.',
    remedy: 'Wait for a free place or choose a smaller size; an operator can add nodes',
    who: 'operator',
    fatal: 'never',
  },
  memory_short: {
    meaning: 'Nodes that would take the lab have too little memory left.',
    remedy: 'Wait for a free place or choose a smaller size; an operator can add nodes',
    who: 'operator',
    fatal: 'never',
  },
  resource_short: {
    meaning: 'Nodes lack another resource that the lab asks for, such as a GPU or ephemeral storage.',
    remedy: 'Wait for a free place; an operator can add nodes that have the resource',
    who: 'operator',
    fatal: 'never',
  },
  node_too_small: {
    meaning: 'The lab asks for more than any node has, even an empty one.',
    remedy: 'Choose a smaller size; an operator can add larger nodes',
    who: 'user',
    fatal: 'never',
  },
  nodes_full: {
    meaning: 'Nodes run as many pods as they may.',
    remedy: 'Wait for a free place; an operator can add nodes',
    who: 'operator',
    fatal: 'never',
  },
  no_nodes: {
    meaning: 'The cluster has no node at all that takes pods.',
    remedy: 'Wait for the cluster to bring nodes; an operator should look if that takes long',
    who: 'operator',
    fatal: 'never',
  },
  nodes_excluded: {
    meaning: 'No node matches the selector or the affinity that the configuration gives labs.',
    remedy: 'Compare lab.nodeSelector and lab.affinity with the labels of the nodes',
    who: 'operator',
    fatal: 'never',
  },
  nodes_tainted: {
    meaning: 'Nodes carry a taint that labs do not tolerate.',
    remedy: 'Add the toleration to lab.tolerations, or take the taint off the nodes meant for labs',
    who: 'operator',
    fatal: 'never',
  },
  nodes_not_ready: {
    meaning: 'Nodes that would take the lab are not ready, or run out of memory, disk or processes.',
    remedy: 'Nodes often recover by themselves; an operator should look if it lasts',
    who: 'operator',
    fatal: 'never',
  },
  nodes_cordoned: {
    meaning: 'Nodes are closed for new pods.',
    remedy: 'Maintenance is probably going on: uncordon nodes or add others',
    who: 'operator',
    fatal: 'never',
  },
  node_silent: {
    meaning: 'The node that was to start the lab, or runs it, does not report any more.',
    remedy: 'Nodes often come back by themselves; stop the lab and start it again to get another node',
    who: 'operator',
    fatal: 'never',
  },
  claim_unbound: {
    meaning: 'A claim of the lab has no volume yet.',
    remedy: 'See with kubectl describe pvc in the namespace of the lab why no volume was made',
    who: 'operator',
    fatal: 'never',
  },
  claim_missing: {
    meaning: 'A claim that the lab mounts does not exist, or is being deleted.',
    remedy: 'Create the claim that lab.volumes names, or correct the configuration',
    who: 'operator',
    fatal: 'never',
  },
  volume_elsewhere: {
    meaning: 'A volume of the lab can be used in another zone or on other nodes only.',
    remedy: 'Add nodes where the volume is, or use a storage class that all nodes reach',
    who: 'operator',
    fatal: 'never',
  },
  volumes_exhausted: {
    meaning: 'Nodes have as many volumes attached as they can.',
    remedy: 'Wait for a free place; an operator can add nodes',
    who: 'operator',
    fatal: 'never',
  },
  scheduling_gated: {
    meaning: 'Something holds the pod back on purpose, such as a queueing system.',
    remedy: 'Wait: the lab starts when its turn has come',
    who: 'operator',
    fatal: 'never',
  },
  autoscaler_scaling_up: {
    meaning: 'The cluster is adding a node for the lab.',
    remedy: 'Wait: a new node usually takes some minutes',
    who: 'user',
    fatal: 'never',
  },
  autoscaler_cannot_help: {
    meaning: 'The autoscaler says that no node it could add would take the lab.',
    remedy: 'Choose a smaller size; an operator can raise the limits of the node pools',
    who: 'operator',
    fatal: 'never',
  },
  autoscaler_failed: {
    meaning: 'The autoscaler asked for a node, and the cloud did not give it.',
    remedy:
      'Wait for a free place, or choose another size; an operator should look at the quota of the cloud',
    who: 'operator',
    fatal: 'never',
  },
  unschedulable: {
    meaning: 'The scheduler finds no node, for a reason that is passed on as it is.',
    remedy: 'Waiting for room on a node; the words of the scheduler say what an operator can do',
    who: 'operator',
    fatal: 'never',
  },
});
