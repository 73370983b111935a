import { reasons } from './reason.js';

/** Making containers out of images, and keeping them alive. */
export const CONTAINER_REASONS = reasons({
  config_missing: {
    meaning: 'A ConfigMap or Secret that a container needs is missing, or lacks a key.',
    remedy: 'Create what the evidence names, or correct the configuration of labs',
    who: 'operator',
    fatal: 'when_certain',
  },
  root_refused: {
    meaning: 'The image wants to run as root, or as a user the node cannot tell from root.',
    remedy: 'Choose another image; an operator can build it with a numeric user',
    who: 'operator',
    fatal: 'when_certain',
  },
  command_missing: {
    meaning: 'The image lacks the command that starts the lab, or it cannot be executed.',
    remedy: 'Choose another image: this one is not made for labs',
    who: 'user',
    fatal: 'when_certain',
  },
  device_missing: {
    meaning: 'The node cannot give a device, such as a GPU, to the container.',
    remedy: 'Start the lab again; an operator should look at the device plugin of the node',
    who: 'operator',
    fatal: 'when_certain',
  },
  container_config_error: {
    meaning: 'A container cannot be made, for a reason that is passed on as it is.',
    remedy: 'The configuration of labs, or the image, asks for something that the node cannot do',
    who: 'operator',
    fatal: 'when_certain',
  },
  post_start_hook_failed: {
    meaning: 'The hook that runs right after the start of a container failed.',
    remedy: 'Look at what the hook needs',
    who: 'operator',
    fatal: 'never',
  },
  init_container_failed: {
    meaning: 'A container that prepares the lab failed; its last words are the evidence.',
    remedy: 'Look at what the init container needs: volumes, permissions, its image',
    who: 'operator',
    fatal: 'when_certain',
  },
  lab_crashed: {
    meaning: 'The lab ended with an error and was started again.',
    remedy: 'Try another image, or reset your user environment',
    who: 'user',
    fatal: 'never',
  },
  crash_looping: {
    meaning: 'The lab ended with an error for the third time.',
    remedy: 'Try another image, or reset your user environment',
    who: 'user',
    fatal: 'when_certain',
  },
  oom_killed: {
    meaning: 'A container used more memory than it may.',
    remedy: 'Choose a larger size',
    who: 'user',
    fatal: 'when_certain',
  },
  node_restarted: {
    meaning: 'The node of the lab, or its container runtime, was started anew, and the lab with it.',
    remedy: 'Open the lab once it runs again: what was not saved is lost',
    who: 'user',
    fatal: 'never',
  },
  sandbox_failed: {
    meaning: 'The node could not set up the pod.',
    remedy: 'The cluster tries again by itself; an operator should look at the node',
    who: 'operator',
    fatal: 'never',
  },
  pod_network_failed: {
    meaning: 'The node could not connect the pod to the network.',
    remedy: 'The cluster tries again by itself; an operator should look at the network plugin',
    who: 'operator',
    fatal: 'never',
  },
  volume_not_mounted: {
    meaning: 'A volume of the lab could not be mounted so far.',
    remedy: 'The cluster tries again by itself; an operator should look at the volume and its server',
    who: 'operator',
    fatal: 'never',
  },
  volume_server_unreachable: {
    meaning: 'The server of a volume does not answer, or refuses the node.',
    remedy: 'An operator should look at the file server, its exports and the network',
    who: 'operator',
    fatal: 'never',
  },
  volume_source_missing: {
    meaning: 'A ConfigMap, Secret or directory that a volume shows does not exist.',
    remedy: 'Create what the evidence names, or correct lab.volumes',
    who: 'operator',
    fatal: 'never',
  },
  home_fleeting: {
    meaning: 'The home is destroyed whenever the lab stops. Told at the beginning of each spawn.',
    remedy: 'Keep what matters elsewhere; an operator can give homes a storage class that retains them',
    who: 'operator',
    fatal: 'never',
  },
  volume_in_use: {
    meaning: 'A volume is still attached to another node, or in use by another pod.',
    remedy: 'Wait: it is freed when the pod that used it is gone',
    who: 'operator',
    fatal: 'never',
  },
});
