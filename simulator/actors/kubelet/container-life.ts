import { timestamp } from '../events.js';
import { sleep } from '../pacing.js';
import type { Container, ContainerStatus, Terminated } from '../types.js';
import { layOutFiles } from './mounted-files.js';
import { obtainImage } from './obtain-image.js';
import type { PodContext } from './pod-context.js';
import { newContainerID } from './pod-context.js';
import type { Ending } from './process.js';
import { ContainerProcess } from './process.js';
import { watchReadiness } from './readiness.js';
import { MissingReference } from './references.js';
import { urlAnnotation } from './script.js';
import * as words from './words.js';

/** Kubelet constants: the first restart comes at once, the later ones after these pauses; ten good minutes reset them. */
const firstRestartPauseMs = 10_000;
const longestRestartPauseMs = 300_000;
const resetAfterMs = 600_000;
const nextLookMs = 10_000;

type Restarts = 'Always' | 'OnFailure' | 'Never';

/** One container of one pod, from its image to its last exit. */
export class ContainerLife {
  private readonly status: ContainerStatus;
  private process: ContainerProcess | undefined;
  private end: ((ending: Ending) => void) | undefined;
  private pauseMs = 0;

  constructor(
    private readonly context: PodContext,
    readonly container: Container,
    private readonly restarts: Restarts,
  ) {
    this.status = context.sheet.container(container.name);
  }

  /**
   * Lives until the container ended for good; resolves with its last exit code, or throws Stopped. `attempted` is
   * called once it runs for the first time or has failed to.
   */
  async run(attempted: () => void): Promise<number> {
    for (;;) {
      await this.prepare(attempted);
      const ending = this.awaitEnd();
      const since = performance.now();
      await this.launch();
      attempted();
      const { exitCode } = this.record(await ending);
      if (performance.now() - since > resetAfterMs * this.context.node.timeScale) this.pauseMs = 0;
      this.context.check();
      const again = this.restarts === 'Always' || (this.restarts === 'OnFailure' && exitCode !== 0);
      await (again ? this.pauseBeforeRestart() : this.context.step());
      if (!again) return exitCode;
    }
  }

  /** Goes on with a container that an earlier kubelet left running. */
  async resume(): Promise<number> {
    return this.record(await this.awaitEnd()).exitCode;
  }

  /** SIGTERM with grace, in milliseconds of real time; resolves when the container has ended. */
  async terminate(graceMs: number): Promise<void> {
    if (this.status.state.running === undefined || this.end === undefined) return;
    this.context.normal('Killing', words.stopping(this.container.name), this.container);
    const stopMs = (this.context.script(this.container).stopMs ?? 0) * this.context.node.timeScale;
    if (this.process) {
      this.end(await this.process.terminate(graceMs));
    } else {
      await sleep(Math.min(stopMs, graceMs));
      this.end(stopMs > graceMs ? { exitCode: 137, reason: 'Error' } : { exitCode: 0, reason: 'Completed' });
    }
  }

  /** Ends the container from outside, as the kernel or its own program would. */
  finish(ending: Ending): void {
    this.process?.kill();
    this.end?.(ending);
  }

  private awaitEnd(): Promise<Ending> {
    return new Promise((resolve) => {
      this.end = (ending) => {
        this.end = undefined;
        resolve(ending);
      };
    });
  }

  private async prepare(attempted: () => void): Promise<void> {
    const { context, container, status } = this;
    await obtainImage(context, container, attempted);
    status.imageID = context.node.images.pinned(container.image);
    for (;;) {
      const missing = await this.missingReference();
      context.check();
      if (missing === undefined) return;
      status.state = { waiting: { reason: 'CreateContainerConfigError', message: missing } };
      context.warning('Failed', `Error: ${missing}`, container);
      await context.sheet.flush();
      attempted();
      await context.pause(nextLookMs);
    }
  }

  private async missingReference(): Promise<string | undefined> {
    const script = this.context.script(this.container);
    if (script.failure === 'createContainerConfigError') {
      this.context.failed(this.container);
      return 'configmap "scripted-by-the-simulator" not found';
    }
    if (this.context.node.instant) return undefined;
    try {
      await this.context.references.environment(this.context.pod, this.container);
      return undefined;
    } catch (error) {
      if (error instanceof MissingReference) return error.message;
      throw error;
    }
  }

  private async launch(): Promise<void> {
    const { context, container, status } = this;
    const script = context.script(container);
    context.normal('Created', words.created, container);
    await context.pause(script.startMs ?? 0);
    if (script.process) await this.startProcess(script.process);
    context.normal('Started', words.started, container);
    status.containerID = newContainerID();
    status.state = { running: { startedAt: timestamp() } };
    status.started = true;
    status.ready = container.readinessProbe === undefined;
    this.endByScript();
    if (!status.ready) watchReadiness(context, container, this.process?.port);
    // Short-lived containers in one breath: only what stays running is worth a write of its own.
    if (script.runMs === undefined || script.runMs > 0) await context.step();
  }

  private async startProcess(what: { command: string; args?: string[] }): Promise<void> {
    const { context, container } = this;
    const environment = await context.references.environment(context.pod, container);
    const root = await layOutFiles(context, container);
    const child = await ContainerProcess.start(what, environment, root);
    this.process = child;
    void child.ended.then((ending) => {
      if (this.process !== child) return;
      this.process = undefined;
      this.end?.(ending);
    });
    if (context.signal.aborted) child.kill();
    const annotations = { [urlAnnotation]: `http://127.0.0.1:${child.port}/` };
    await context.node.client.merge(context.sheet.path, {
      metadata: { uid: context.pod.metadata.uid, annotations },
    });
  }

  /** What the script has in store for a running container. */
  private endByScript(): void {
    const { failure, runMs, exitCode, lastWords } = this.context.script(this.container);
    const said = lastWords === undefined ? {} : { lastWords };
    if (failure === 'crash') this.endAfter(runMs ?? 0, { exitCode: exitCode ?? 1, reason: 'Error', ...said });
    else if (failure === 'oom') this.endAfter(runMs ?? 0, { exitCode: 137, reason: 'OOMKilled', ...said });
    else if (runMs !== undefined) {
      const code = exitCode ?? 0;
      this.endAfter(runMs, { exitCode: code, reason: code === 0 ? 'Completed' : 'Error', ...said });
    }
  }

  private endAfter(ms: number, ending: Ending): void {
    const end = this.end;
    if (ending.exitCode !== 0) this.context.failed(this.container);
    const span = ms * this.context.node.timeScale;
    void sleep(span, this.context.signal).then(() => {
      if (!this.context.signal.aborted && this.end === end) end?.(ending);
    });
  }

  private record(ending: Ending): Ending {
    const { status, container } = this;
    const init = this.context.pod.spec.initContainers?.some(({ name }) => name === container.name) ?? false;
    status.state = { terminated: terminated(status, container, ending) };
    status.started = false;
    status.ready = init && ending.exitCode === 0;
    return ending;
  }

  private async pauseBeforeRestart(): Promise<void> {
    const { context, container, status } = this;
    await context.step();
    status.lastState = status.state;
    if (this.pauseMs > 0) {
      const message = words.backOffRestartState(container.name, context.pod, this.pauseMs);
      status.state = { waiting: { reason: 'CrashLoopBackOff', message } };
      context.warning('BackOff', words.backOffRestart(container.name, context.pod), container);
      await context.sheet.flush();
      await context.pause(this.pauseMs);
    }
    this.pauseMs = Math.min(Math.max(firstRestartPauseMs, this.pauseMs * 2), longestRestartPauseMs);
    status.restartCount += 1;
  }
}

function terminated(status: ContainerStatus, container: Container, ending: Ending): Terminated {
  const { exitCode, reason, lastWords = '' } = ending;
  const told = container.terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0;
  return {
    exitCode,
    reason,
    ...(told && lastWords !== '' && { message: lastWords }),
    startedAt: status.state.running?.startedAt ?? timestamp(),
    finishedAt: timestamp(),
    ...(status.containerID !== undefined && { containerID: status.containerID }),
  };
}
