import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { clientErrorAnswer, plainAnswer } from '../errors/error-answer.js';
import { MalformedRequest } from '../errors/http.errors.js';
import { answerOnSocket } from './socket-errors.js';

/** Answers in our words what Node would by itself answer with an empty body, with nothing at all, or not refuse. */
export function answerOddRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (namesOneHost(request.raw)) return undefined;
    const { status, body } = clientErrorAnswer(new MalformedRequest());
    return reply.code(status).send(body);
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
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}
