import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { Clock } from '../common/clock.js';
import { Deadline, DeadlineExceeded } from '../common/deadline.js';
import { millis, seconds } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { RegistryError } from './registry.error.js';
import { isListed } from './registry.hosts.js';
import { openAgent } from './registry.network.js';
import type { RegistryNetwork } from './registry.network.js';

export interface RegistryCall {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Of the body; more is refused while it arrives. */
  readonly limitBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RegistryAnswer {
  readonly call: RegistryCall;
  readonly status: number;
  readonly body: Buffer;
  /** Undefined if absent; joined by commas if given more than once (RFC 9110, section 5.3). */
  readonly header: (name: string) => string | undefined;
  /** How long the registry wants to be left alone. */
  readonly retryAfterMs: Millis | undefined;
}

/** As other HTTP calls of the contract (section 10), waiting and repeating included. */
const CALL_TIMEOUT = seconds(20);
const MAX_REDIRECTS = 5;
const MAX_REPEATS = 2;
/** For a registry that is too busy but does not say for how long. */
const DEFAULT_RETRY_AFTER = seconds(1);

/** Sends single requests to registries. None changes anything there, so that repeating one does no harm. */
export class RegistryTransport {
  private readonly agent: Dispatcher;

  constructor(
    private readonly network: RegistryNetwork,
    private readonly clock: Clock,
  ) {
    this.agent = openAgent(network);
  }

  /**
   * Gives whatever answer came, also a refusal; follows redirects within the origin, and to the hosts that are allowed,
   * repeats after a broken
   * connection and, as far as 20 s allow, when the registry asks to come later.
   *
   * @throws RegistryError without a (usable) answer
   */
  async send(call: RegistryCall): Promise<RegistryAnswer> {
    const deadline = new Deadline(this.clock, CALL_TIMEOUT);
    for (let repeats = 0; ; repeats += 1) {
      const answer = await this.attempt(call, deadline, repeats < MAX_REPEATS);
      if (answer && !isBusy(answer)) return answer;
      const pause = answer?.retryAfterMs ?? DEFAULT_RETRY_AFTER;
      if (answer && (repeats >= MAX_REPEATS || pause >= deadline.remaining())) return answer;
      if (answer) await this.clock.sleep(pause, call.signal);
    }
  }

  /** Ends idle connections and calls under way. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** Undefined if the connection broke and another attempt is due: a kept-alive one may have been closed meanwhile. */
  private async attempt(
    call: RegistryCall,
    deadline: Deadline,
    mayRepeat: boolean,
  ): Promise<RegistryAnswer | undefined> {
    const bound = deadline.bind(call.signal);
    const { signal } = bound;
    try {
      return await this.follow(call, signal);
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      if (mayRepeat && !signal.aborted && isBrokenConnection(error)) return undefined;
      const late = signal.reason instanceof DeadlineExceeded;
      throw new RegistryError(
        late ? 'The registry did not answer in time' : 'The registry could not be reached',
        {
          ...call,
          reason: late ? 'registry_timeout' : 'registry_unreachable',
          cause: error,
        },
      );
    } finally {
      bound.release();
    }
  }

  private async follow(call: RegistryCall, signal: AbortSignal): Promise<RegistryAnswer> {
    let next: RegistryCall = { ...call, signal };
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const answer = await this.exchange(next);
      const location = answer.status >= 300 && answer.status < 400 ? answer.header('location') : undefined;
      if (location === undefined) return { ...answer, call: { ...call, url: next.url } };
      next = this.redirected(next, location, answer);
    }
    const { url } = next;
    throw new RegistryError('The registry redirects without end', {
      ...call,
      url,
      reason: 'registry_answer_invalid',
    });
  }

  /**
   * Elsewhere, nobody may have our credentials, whatever host it is; they do not come back on the way back either. No
   * list makes a connection good that is less safe than the one before.
   */
  private redirected(call: RegistryCall, location: string, answer: RegistryAnswer): RegistryCall {
    const url = URL.canParse(location, call.url.href) ? new URL(location, call.url) : undefined;
    if (url?.origin === call.url.origin) return { ...call, url };
    if (url && call.url.protocol === 'https:' && url.protocol !== 'https:') {
      throw invalid('The registry redirects to a connection without TLS', answer);
    }
    if (!url || call.body !== undefined || !isListed(url, this.network.redirectHosts)) {
      throw invalid('The registry redirects to a host that is not in berth.images.redirectHosts', answer);
    }
    const { authorization: _ours, ...headers } = call.headers;
    return { ...call, url, headers };
  }

  private async exchange(call: RegistryCall): Promise<RegistryAnswer> {
    const { method, url, headers, body, signal } = call;
    const options = { method, headers, body: body ?? null, signal: signal ?? null, dispatcher: this.agent };
    const response = await request(url, options);
    const header = (name: string): string | undefined => {
      const value = response.headers[name];
      return typeof value === 'object' ? value.join(', ') : value;
    };
    return {
      call,
      status: response.statusCode,
      body: await readBody(response, call),
      header,
      retryAfterMs: this.readRetryAfter(header('retry-after')),
    };
  }

  /** Seconds or a date (RFC 9110, section 10.2.3). */
  private readRetryAfter(value: string | undefined): Millis | undefined {
    if (value === undefined) return undefined;
    if (/^\d{1,9}$/.test(value)) return seconds(Number(value));
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : millis(Math.max(0, date - this.clock.now()));
  }
}

async function readBody(response: Dispatcher.ResponseData, call: RegistryCall): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length <= call.limitBytes) continue;
    // Leaving the loop destroys the connection, so that the rest is never received.
    const status = response.statusCode;
    throw new RegistryError('The registry answers more than it should', {
      ...call,
      status,
      reason: 'registry_answer_too_large',
    });
  }
  return Buffer.concat(chunks);
}

function isBusy({ status, retryAfterMs }: RegistryAnswer): boolean {
  return status === 429 || (status === 503 && retryAfterMs !== undefined);
}

/** Connected once, then cut off. A refused connection or an unknown host would only fail again. */
function isBrokenConnection(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** The error for an answer that makes no sense. */
export function invalid(message: string, { call, status }: RegistryAnswer, cause?: unknown): RegistryError {
  return new RegistryError(message, { ...call, status, reason: 'registry_answer_invalid', cause });
}
