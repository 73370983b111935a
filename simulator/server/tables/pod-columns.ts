import type { Fields, KubeObject } from '../objects.js';
import { fieldsOf, recordsOf, textOf, wordOf } from '../objects.js';
import type { Column } from '../resources/resource.js';
import { AGE, ageOf, column, NAME } from './column.js';

const spec = (pod: KubeObject): Fields => fieldsOf(pod['spec']);
const status = (pod: KubeObject): Fields => fieldsOf(pod['status']);

function ready(pod: KubeObject): string {
  const states = recordsOf(status(pod)['containerStatuses']);
  const up = states.filter(
    (state) => state['ready'] === true && fieldsOf(state['state'])['running'] !== undefined,
  );
  return `${up.length}/${recordsOf(spec(pod)['containers']).length}`;
}

/** What holds a container up or ended it, as kubectl names it. */
function reasonOf(state: Fields): string | undefined {
  const { waiting, terminated } = fieldsOf(state['state']);
  const waits = textOf(fieldsOf(waiting)['reason']);
  if (waits !== '') return waits;
  if (terminated === undefined) return undefined;
  const { reason, signal, exitCode } = fieldsOf(terminated);
  if (textOf(reason) !== '') return textOf(reason);
  return signal ? `Signal:${wordOf(signal)}` : `ExitCode:${wordOf(exitCode)}`;
}

function initReason(pod: KubeObject): string | undefined {
  const states = recordsOf(status(pod)['initContainerStatuses']);
  for (const [index, state] of states.entries()) {
    const ended = fieldsOf(fieldsOf(state['state'])['terminated']);
    if (ended['exitCode'] === 0 || state['started'] === true) continue;
    const reason = reasonOf(state);
    if (reason !== undefined && reason !== 'PodInitializing') return `Init:${reason}`;
    return `Init:${index}/${recordsOf(spec(pod)['initContainers']).length}`;
  }
  return undefined;
}

function phaseText(pod: KubeObject): string {
  const base = textOf(status(pod)['reason']) || textOf(status(pod)['phase']);
  const init = initReason(pod);
  if (init !== undefined) return init;
  const states = recordsOf(status(pod)['containerStatuses']);
  const reasons = states.map(reasonOf).filter((reason) => reason !== undefined);
  const isRunning = states.some(
    (state) => state['ready'] === true && fieldsOf(state['state'])['running'] !== undefined,
  );
  const reason = reasons[0] ?? base;
  return reason === 'Completed' && isRunning ? 'Running' : reason;
}

function statusText(pod: KubeObject): string {
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp === undefined) return phaseText(pod);
  return status(pod)['reason'] === 'NodeLost' ? 'Unknown' : 'Terminating';
}

function restarts(pod: KubeObject, nowMs: number): string {
  const states = recordsOf(status(pod)['containerStatuses']);
  const total = states.reduce((sum, state) => sum + Number(state['restartCount'] ?? 0), 0);
  const ends = states.map((state) =>
    textOf(fieldsOf(fieldsOf(state['lastState'])['terminated'])['finishedAt']),
  );
  const last = ends.sort().at(-1);
  return total > 0 && last ? `${total} (${ageOf(last, nowMs)} ago)` : String(total);
}

export const podColumns: readonly Column[] = [
  NAME,
  column('Ready', ready),
  column('Status', statusText),
  column('Restarts', restarts),
  AGE,
  column('IP', (pod) => textOf(status(pod)['podIP']) || '<none>', { priority: 1 }),
  column('Node', (pod) => textOf(spec(pod)['nodeName']) || '<none>', { priority: 1 }),
  column('Nominated Node', (pod) => textOf(status(pod)['nominatedNodeName']) || '<none>', { priority: 1 }),
  column('Readiness Gates', () => '<none>', { priority: 1 }),
];
