import type { Dispatcher } from 'undici';
import { millis } from '../common/units.js';
import type { Millis } from '../common/units.js';
import { retrySeconds } from './status.js';

/** A page of 500 objects of the largest size etcd takes would be more; nothing we ask for comes near. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The whole body, parsed; as text where it is not JSON. Throws when it is larger than any answer we ask for. */
export async function readBody(body: Dispatcher.ResponseData['body']): Promise<unknown> {
  const text = (await bytesOf(body)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** By events: an iterator costs more than the parsing of a small answer, and there is one for every request. */
function bytesOf(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) body.destroy(new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`));
      else chunks.push(chunk);
    });
    body.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    body.once('error', reject);
    body.once('close', () => reject(new Error('the answer broke off')));
  });
}

/** How long the answer asks us to stay away: header `Retry-After` in seconds, else the `Status` details. */
export function retryAfterOf(headers: Dispatcher.ResponseData['headers'], body: unknown): Millis | undefined {
  const header = Number(headers['retry-after']);
  const seconds = Number.isFinite(header) ? header : retrySeconds(body);
  return seconds === undefined || seconds < 0 ? undefined : millis(seconds * 1000);
}
