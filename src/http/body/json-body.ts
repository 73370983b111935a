import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DRAIN_LIMIT } from '../limits.js';
import { BodyTooLarge, InvalidRequest } from '../errors/http.errors.js';
import { jsonFault } from './json-fault.js';

/**
 * A body that could not be read as JSON. It stands where the body would, because a bad token must be told
 * before a bad body (contract, appendix C), and the body is parsed before anybody is asked who they are.
 */
export class UnreadableBody {
  constructor(readonly refusal: InvalidRequest) {}
}

/** No body at all, or the JSON value null. */
export const missingBody = (): InvalidRequest =>
  new InvalidRequest([{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]);

/** A body whose content type is not JSON, or a JSON value that is no object. */
export const notAnObject = (): InvalidRequest =>
  new InvalidRequest([
    {
      type: 'model_attributes_type',
      loc: ['body'],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: null,
    },
  ]);

const malformed = (at: number, why: string): InvalidRequest =>
  new InvalidRequest([
    { type: 'json_invalid', loc: ['body', at], msg: 'JSON decode error', input: {}, ctx: { error: why } },
  ]);

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Parses the bytes of a body. Never throws: what cannot be read comes back as `UnreadableBody`. */
export function readJsonBody(contentType: string | undefined, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (contentType !== undefined && !JSON_TYPE.test(contentType)) return new UnreadableBody(notAnObject());
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    return new UnreadableBody(malformed(0, 'The body is not valid UTF-8'));
  }
  try {
    return JSON.parse(text);
  } catch {
    return new UnreadableBody(malformed(jsonFault(text) ?? 0, 'This is not valid JSON'));
  }
}

/** Makes `readJsonBody` the only parser, whatever the content type says, and lets slow readers see a 413. */
export function useJsonBodies(fastify: FastifyInstance, limitBytes: number): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limitBytes }, (request, body, done) => {
    done(null, readJsonBody(request.headers['content-type'], body as Buffer));
  });
  fastify.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    // The framework refuses what is no media type at all, before anybody is asked who they are.
    const type = headers['content-type'];
    if (type !== undefined && !MEDIA_TYPE.test(type)) headers['content-type'] = 'application/octet-stream';
    done();
  });
  fastify.addHook('preParsing', async (request, _reply, payload) => {
    if (request.headers['transfer-encoding'] !== undefined)
      return Readable.from(bounded(payload, limitBytes));
    if (Number(request.headers['content-length'] ?? 0) <= limitBytes) return payload;
    await drained(request);
    throw new BodyTooLarge();
  });
}

/** The same for a body that does not say how long it is. */
async function* bounded(payload: AsyncIterable<unknown>, limitBytes: number): AsyncIterable<Buffer> {
  let seen = 0;
  for await (const chunk of payload) {
    seen += (chunk as Buffer).length;
    if (seen > DRAIN_LIMIT) break;
    if (seen <= limitBytes) yield chunk as Buffer;
  }
  if (seen > limitBytes) throw new BodyTooLarge();
}

/** Reads and drops a body. A client that writes all before it reads would otherwise meet a reset, not our answer. */
function drained(request: FastifyRequest): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    request.raw.on('data', (chunk: Buffer) => {
      seen += chunk.length;
      if (seen > DRAIN_LIMIT) resolve();
    });
    for (const end of ['end', 'error', 'close'] as const) request.raw.once(end, resolve);
  });
}
