import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientError } from '../../common/errors.js';
import { clientErrorAnswer } from '../errors/error-answer.js';
import type { ErrorAnswer } from '../errors/error-answer.js';
import { HeadersTooLarge, MalformedRequest, RequestTimeout } from '../errors/http.errors.js';
import { HEADER_LIMIT } from '../limits.js';

/** Answers what is no readable HTTP request, on the socket itself, and hangs up once the peer had its chance to read. */
export function refuseOnSocket(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  answerOnSocket(socket, clientErrorAnswer(refusalOf(error.code)));
}

/** Writes an answer where there is no response to write it to, and ends the connection. */
export function answerOnSocket(socket: Socket, { status, body }: Pick<ErrorAnswer, 'status' | 'body'>): void {
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ].join('\r\n');
  // Reading on keeps the system from resetting the connection over bytes nobody read, answer included.
  socket.on('data', () => undefined);
  socket.setTimeout(2_000, () => socket.destroy());
  socket.end(`${head}\r\n\r\n${text}`);
}

function refusalOf(code: string | undefined): ClientError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge(HEADER_LIMIT);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeout();
  return new MalformedRequest();
}
