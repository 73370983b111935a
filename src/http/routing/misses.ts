import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientErrorAnswer, plainAnswer } from '../errors/error-answer.js';
import { InvalidPath } from '../errors/http.errors.js';
import { absoluteUrl } from './origin.js';
import { isPlainPath } from './path-rules.js';
import { RouteTable } from './route-table.js';

/** Answers what no route serves: 400, 307, 405 or 404, before anybody reads the body (contract 2.1). */
export function useMisses(fastify: FastifyInstance): void {
  const table = new RouteTable();
  fastify.addHook('onRoute', (route) => table.add(route.method, route.url));
  fastify.addHook('onRequest', (request, reply, done) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    if (!isPlainPath(path)) void refuse(reply, clientErrorAnswer(new InvalidPath()));
    else if (request.is404 || hasEmptyPart(request)) void explain(table, request, reply);
    else done();
  });
}

/** The router takes nothing at all for a name, too: `labs/` for the lab of nobody. */
const hasEmptyPart = ({ params }: FastifyRequest): boolean =>
  Object.values((params ?? {}) as Record<string, string>).includes('');

function explain(table: RouteTable, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = '/', query] = request.url.split('?', 2);
  const miss = table.explain(path);
  switch (miss.kind) {
    case 'redirect': {
      const target = query === undefined ? miss.path : `${miss.path}?${query}`;
      const url = absoluteUrl({ headers: request.headers, peer: request.ip }, target);
      return reply.code(307).header('location', url).send();
    }
    case 'wrong method':
      return refuse(reply.header('allow', miss.allowed.join(', ')), plainAnswer(405));
    case 'unknown':
      return refuse(reply, plainAnswer(404));
  }
}

const refuse = (reply: FastifyReply, answer: ReturnType<typeof plainAnswer>): FastifyReply =>
  reply.code(answer.status).send(answer.body);
