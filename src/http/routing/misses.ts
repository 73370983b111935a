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
    if (!isPlainPath(pathOf(request))) void refuse(reply, clientErrorAnswer(new InvalidPath()));
    else if (request.is404 || hasEmptyPart(request)) void explain(table, request, reply);
    else done();
  });
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? '/';

/** The router takes nothing at all for a name, too: `labs/` for the lab of nobody. */
const hasEmptyPart = ({ params }: FastifyRequest): boolean =>
  Object.values((params ?? {}) as Record<string, string>).includes('');

function explain(table: RouteTable, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = pathOf(request);
  const miss = table.explain(path);
  switch (miss.kind) {
    case 'redirect': {
      // All from the first `?` on is the query, more of them too (RFC 3986, 3.4).
      const target = miss.path + request.url.slice(path.length);
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
