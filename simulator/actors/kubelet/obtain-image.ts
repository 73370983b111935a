import { Backoff } from '../pacing.js';
import type { Container } from '../types.js';
import type { PodContext } from './pod-context.js';
import * as words from './words.js';

const defaultSizeBytes = 250_000_000;
/** Kubelet constants: first and longest pause between pulls; the status turns to back-off at the next look at the pod. */
const firstBackOffMs = 10_000;
const longestBackOffMs = 300_000;
const nextLookMs = 1_500;

/** Brings the container's image onto the node, for as long as it takes. `missed` is called after each failed attempt. */
export async function obtainImage(
  context: PodContext,
  container: Container,
  missed: () => void,
): Promise<void> {
  const pauses = new Backoff(firstBackOffMs, longestBackOffMs);
  for (;;) {
    const why = await attempt(context, container);
    context.check();
    if (why === undefined) return;
    context.failed(container);
    await backOff(context, container, { ...why, pauseMs: pauses.take(), missed });
  }
}

interface Refusal {
  reason: string;
  message: string;
}

async function attempt(context: PodContext, container: Container): Promise<Refusal | undefined> {
  const { images } = context.node;
  const { image, imagePullPolicy: policy = 'IfNotPresent' } = container;
  if (images.has(image) && policy !== 'Always') {
    context.normal('Pulled', words.present(image), container);
    return undefined;
  }
  if (policy === 'Never') {
    const message = words.neverPulled(image);
    context.warning('ErrImageNeverPull', message, container);
    return { reason: 'ErrImageNeverPull', message };
  }
  context.normal('Pulling', words.pulling(image), container);
  return pull(context, container);
}

async function pull(context: PodContext, container: Container): Promise<Refusal | undefined> {
  const { images } = context.node;
  const { image } = container;
  const script = context.script(container);
  if (script.failure === 'hang')
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
  context.check();
  const error = words.pullError(script.failure, image);
  if (error !== undefined) {
    context.warning('Failed', words.failedPull(image, error), container);
    return { reason: 'ErrImagePull', message: error };
  }
  const asked = performance.now();
  const size = script.sizeBytes ?? defaultSizeBytes;
  const speed = script.pullBytesPerSecond;
  const pullMs = speed === undefined || images.has(image) ? 0 : (size / speed) * 1000;
  const begun = await images.inLine(async () => {
    const start = performance.now();
    if (!context.signal.aborted) await context.pause(pullMs);
    return start;
  });
  const now = performance.now();
  images.add(image, size);
  context.normal('Pulled', words.pulled(image, now - begun, now - asked, size), container);
  return undefined;
}

async function backOff(
  context: PodContext,
  container: Container,
  { reason, message, pauseMs, missed }: Refusal & { pauseMs: number; missed: () => void },
): Promise<void> {
  const { image } = container;
  const status = context.sheet.container(container.name);
  status.state = { waiting: { reason, message } };
  context.warning('Failed', `Error: ${reason}`, container);
  await context.sheet.flush();
  missed();
  await context.pause(nextLookMs);
  if (reason === 'ErrImagePull') {
    status.state = {
      waiting: { reason: 'ImagePullBackOff', message: words.backOffPullState(image, message) },
    };
    context.normal('BackOff', words.backOffPull(image), container);
    context.warning('Failed', 'Error: ImagePullBackOff', container);
    await context.sheet.flush();
  }
  await context.pause(pauseMs - nextLookMs);
}
