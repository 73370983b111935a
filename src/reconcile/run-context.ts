import { AsyncLocalStorage } from 'node:async_hooks';

/** Which reconcile run is under way. */
export interface RunContext {
  readonly queue: string;
  readonly key: string;
  readonly reconcileId: string;
}

const runs = new AsyncLocalStorage<RunContext>();

/** Runs `work` so that whatever it awaits knows its run. */
export const inRun = <R>(context: RunContext, work: () => R): R => runs.run(context, work);

/** The run that called us, however deep; the logger adds it to each line. */
export const currentRun = (): RunContext | undefined => runs.getStore();
