import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { HostileRequest } from './hostile-requests.js';
import { inTime, pooled } from './work.js';

const AT_ONCE = 16;

/** What a run came to. */
export interface HostileOutcome {
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Each answer that no caller may get, with the request that got it. */
  readonly wrong: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends all of them, some at a time, and judges every answer. */
export async function sendAll(url: string, requests: readonly HostileRequest[]): Promise<HostileOutcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const statuses: Record<string, number> = {};
  const wrong: string[] = [];
  await pooled(
    requests,
    async (one) => {
      const answer = await inTime(ask(agent, url, one), one.aim).catch((error: unknown) => String(error));
      const problem = typeof answer === 'string' ? answer : problemOf(answer);
      const status = typeof answer === 'string' ? 'none' : String(answer.status);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (problem !== undefined) wrong.push(`${problem}\n  ${described(one)}`);
    },
    AT_ONCE,
  );
  agent.destroy();
  return { statuses, wrong };
}

/** By Node's own client: it sends a `Host` and a path as they are. */
async function ask(agent: Agent, url: string, one: HostileRequest): Promise<Answer> {
  const body = Buffer.from(one.body ?? '');
  const { hostname, port } = new URL(url);
  const length = one.body === undefined ? {} : { 'content-length': body.length };
  const headers = { ...one.headers, ...length };
  const { method, path } = one;
  const sent = request({ agent, hostname, port, method, path, headers, maxHeaderSize: 65_536 });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const type = answer.headers['content-type'] ?? '';
  const status = answer.statusCode ?? 0;
  if (status === 200 && type.startsWith('text/event-stream')) {
    // Whoever asked has seen enough; an error of the torn connection is our own doing.
    answer.on('error', () => undefined).destroy();
    return { status, type, text: '' };
  }
  return { status, type, text: await textOf(answer) };
}

/** Statuses that blame nothing in the request that a place could be named for. */
const PLACELESS = new Set([400, 401, 403, 404, 405, 409, 417, 429, 431]);

/** What is wrong with an answer, in words. */
function problemOf({ status, type, text }: Answer): string | undefined {
  if (status >= 500) return `${status}: ${text.slice(0, 400)}`;
  if (/node_modules|\bat .+\.[jt]s:\d+/.test(text) && !type.startsWith('text/html'))
    return `tells of our inside: ${text.slice(0, 400)}`;
  if (status < 400) return undefined;
  const details = detailsOf(text);
  if (details === undefined) return `${status} without our error body: ${text.slice(0, 200)}`;
  if (PLACELESS.has(status)) return undefined;
  const blind = details.find(({ loc }) => !isPlace(loc));
  return blind && `${status} does not say where: ${JSON.stringify(blind).slice(0, 400)}`;
}

interface Detail {
  readonly msg: string;
  readonly type: string;
  readonly loc?: unknown;
}

/** The published body of an error, if that is what it is. */
function detailsOf(text: string): readonly Detail[] | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail: unknown };
    if (typeof detail === 'string') return detail === '' ? undefined : [];
    if (!Array.isArray(detail) || detail.length === 0) return undefined;
    return (detail as Detail[]).every(({ msg, type }) => isText(msg) && isText(type))
      ? (detail as Detail[])
      : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isPlace = (loc: unknown): boolean =>
  Array.isArray(loc) && ['body', 'header', 'path', 'query'].includes(String(loc[0]));

function described({ aim, method, path, headers, body }: HostileRequest): string {
  const shown = body === undefined ? '' : ` ${JSON.stringify(body.toString().slice(0, 600))}`;
  return `[${aim}] ${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 400)}${shown}`;
}
