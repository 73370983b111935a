import type { Container } from '../types.js';
import type { PodContext } from './pod-context.js';
import { Stopped } from './pod-context.js';
import { accepts } from './process.js';
import * as words from './words.js';

/**
 * Probes a container that has just started until it is ready or no longer the one that was started. A process is really
 * asked; of a scripted container the script knows.
 */
export function watchReadiness(context: PodContext, container: Container, port: number | undefined): void {
  void probe(context, container, port).catch((error: unknown) => {
    if (!(error instanceof Stopped)) throw error;
  });
}

async function probe(context: PodContext, container: Container, port: number | undefined): Promise<void> {
  const status = context.sheet.container(container.name);
  const { containerID } = status;
  const { periodSeconds = 10, initialDelaySeconds = 0 } = container.readinessProbe ?? {};
  const begun = performance.now();
  await context.pause(initialDelaySeconds * 1000);
  for (;;) {
    const ready = await isReady(context, container, { port, begun });
    if (status.containerID !== containerID || status.state.running === undefined) return;
    if (ready) break;
    complain(context, container);
    await context.pause(pauseMs(context, container, { begun, periodMs: periodSeconds * 1000 }));
  }
  status.ready = true;
  await context.sheet.flush();
}

function complain(context: PodContext, container: Container): void {
  const port = container.readinessProbe?.tcpSocket?.port ?? 80;
  context.warning('Unhealthy', words.unhealthy(context.sheet.facts.podIP ?? '', port), container);
}

async function isReady(
  context: PodContext,
  container: Container,
  { port, begun }: { port: number | undefined; begun: number },
): Promise<boolean> {
  const { failure, readyMs = 0 } = context.script(container);
  if (failure === 'neverReady') return false;
  if (port !== undefined) return accepts(port);
  return performance.now() - begun >= readyMs * context.node.timeScale;
}

/** Until the next probe: at the script's moment if that comes first, and soon for a real process. */
function pauseMs(
  context: PodContext,
  container: Container,
  { begun, periodMs }: { begun: number; periodMs: number },
): number {
  const { readyMs = 0, process } = context.script(container);
  const elapsedMs = (performance.now() - begun) / context.node.timeScale;
  if (process !== undefined) return Math.min(periodMs, 250 / context.node.timeScale);
  return readyMs > elapsedMs ? Math.min(periodMs, readyMs - elapsedMs + 1) : periodMs;
}
