import type { Dispatcher } from 'undici';
import type { Bound } from './call-bound.js';

/** A page of 500 objects of the largest size etcd takes would be more; nothing we ask for comes near. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** An answer whose body has come whole. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Buffer;
}

/**
 * Sends one request and takes in its answer. Rejects with the bound's reason as soon as it is over, else with whatever
 * broke the connection.
 *
 * By undici's callbacks: a stream for each body, with its events and its signal, costs several times what the parsing
 * of a small answer does.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  bound: Bound,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const receiver = new Receiver(resolve, reject);
    bound.onEnd((reason) => receiver.abandon(reason));
    if (bound.reason) receiver.abandon(bound.reason);
    else dispatcher.dispatch(options, receiver);
  });
}

class Receiver implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private abandoned: Error | undefined;
  private statusCode = 0;
  private headers: Answer['headers'] = {};
  private readonly chunks: Buffer[] = [];
  private size = 0;

  constructor(
    private readonly resolve: (answer: Answer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  /** Nobody waits any more, whether or not it was sent. */
  abandon(reason: Error): void {
    this.abandoned = reason;
    this.controller?.abort(reason);
    this.reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.abandoned) controller.abort(this.abandoned);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    this.statusCode = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size <= MAX_BODY_BYTES) this.chunks.push(chunk);
    else controller.abort(new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`));
  }

  onResponseEnd(): void {
    const { statusCode, headers, chunks } = this;
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    this.resolve({ statusCode, headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}
