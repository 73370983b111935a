import type { Stage } from './stage.js';

/** One pod's fate on a real cluster, made on purpose and written down as the API server told it. */
export interface RecordedCase {
  /** The folder's name. */
  readonly name: string;
  /** Whether waiting longer would have helped: a `healthy` spawn may be slow and odd, and comes to run. */
  readonly kind: 'failing' | 'healthy';
  /** What happens, in one sentence. */
  readonly story: string;
  /** Who says what is wrong, or why it takes so long. */
  readonly evidence: 'scheduler' | 'kubelet' | 'api-server' | 'controller-manager' | 'webhook' | 'nobody';
  /** Brings it about and waits until the evidence is seen; throws, or never ends, where it is not. */
  readonly run: (stage: Stage) => Promise<void>;
  /** Does something to the node, or depends on what fits there: no other case runs beside it. */
  readonly isAlone?: boolean;
  /** The node is recorded too. */
  readonly withNode?: boolean;
}
