import { request } from 'undici';

import type { Clock } from './clock.js';
import { Deadline } from './deadline.js';
import { seconds } from './units.js';

/** As the contract's general client waits (section 10), connecting and the whole of the answer included. */
const WITHIN = seconds(20);
/** No answer of a platform's own services comes near it. */
const MOST_BYTES = 8 * 1_048_576;

/**
 * Asks a service of the platform for JSON. One deadline spans all of it, so that an answer that drips byte by byte holds
 * nobody longer than one that never comes.
 *
 * @returns the status, and with a 200 what the JSON says
 * @throws {Error} without an answer, with one that takes longer than 20 s or 8 MiB, and on a 200 that is no JSON
 */
export async function getJson(
  clock: Clock,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body?: unknown }> {
  const bound = new Deadline(clock, WITHIN).bind();
  const { signal } = bound;
  try {
    const answer = await request(url, { headers: { accept: 'application/json', ...headers }, signal });
    const { statusCode: status, body } = answer;
    if (status === 200) return { status, body: JSON.parse(await textOf(body)) as unknown };
    // Read to its end where that is near, so that the connection serves again; it does not throw when it is cut off.
    await body.dump();
    signal.throwIfAborted();
    return { status };
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : error;
  } finally {
    bound.release();
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection, so that the rest is never received.
    if (length > MOST_BYTES) throw new Error(`the answer is larger than ${String(MOST_BYTES)} bytes`);
  }
  return Buffer.concat(chunks).toString();
}
