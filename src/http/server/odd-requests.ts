import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { clientErrorAnswer, plainAnswer } from '../errors/error-answer.js';
import { MalformedRequest } from '../errors/http.errors.js';
import { answerOnSocket } from './socket-errors.js';

/** Answers in our words what Node would by itself answer with an empty body, with nothing at all, or not refuse. */
export function answerOddRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (namesOneHost(request.raw)) {
      done();
      return;
    }
    const { status, body } = clientErrorAnswer(new MalformedRequest());
    void reply.code(status).send(body);
  });
  fastify.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, body } = plainAnswer(417);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  });
  fastify.server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    answerOnSocket(socket, plainAnswer(405));
  });
}

/** RFC 9112 3.2: exactly one, of which a proxy and we could not think differently; HTTP/1.0 may leave it out. */
function namesOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}
