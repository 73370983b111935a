import type { IncomingMessage } from 'node:http';

import { parse as parseYaml } from 'yaml';

import { ApiError, badRequest, unsupportedMediaType } from '../api-error.js';

/** The API server's own limit for request bodies. */
const LIMIT_BYTES = 3_145_728;

/** Reads the whole body; more than the limit is refused with the API server's 413. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LIMIT_BYTES) chunks.push(chunk);
  }
  if (bytes > LIMIT_BYTES) {
    throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${LIMIT_BYTES}`);
  }
  return Buffer.concat(chunks);
}

const BODY_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

export function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/** Parses an object's body. Throws the API server's 400 and 415. */
export function decodeBody(body: Buffer, contentType: string, kind: string): unknown {
  const type = mediaType(contentType);
  const text = body.toString('utf8');
  try {
    if (type === '' || type === 'application/json') return JSON.parse(text) as unknown;
    if (type === 'application/yaml') return parseYaml(text, { version: '1.1' }) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why}`,
    );
  }
  throw unsupportedMediaType(BODY_TYPES);
}
