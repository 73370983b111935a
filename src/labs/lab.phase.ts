import type { Lab, LabPhase, OperationProgress } from './lab.js';

/** What the leader recorded of the wish's own operation; undefined while nothing is told yet. */
export function currentProgress(lab: Lab): OperationProgress | undefined {
  const progress = lab.record.operation;
  return progress?.id === lab.wish.operation.id ? progress : undefined;
}

/** The state that the contract's routes tell. A record that belongs to another operation tells nothing yet. */
export function phaseOf(lab: Lab): LabPhase {
  const progress = currentProgress(lab);
  if (lab.wish.desiredState === 'stopped') {
    const over = lab.wish.operation.kind === 'stop' && progress?.ended === 'succeeded';
    return over && !lab.beingDeleted ? 'stopped' : 'terminating';
  }
  if (lab.beingDeleted) return 'terminating';
  return progress ? lab.record.phase : 'pending';
}
