import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Turns } from '../../common/turns.js';

/**
 * Lets whatever asks for work wait until the event loop has time for it, so that a crowd's spawns do not hold up those
 * who only want to know: answers from the caches go ahead.
 */
export function takeTurns(fastify: FastifyInstance, turns: Turns): void {
  fastify.addHook('preHandler', (request, _reply, done) => {
    const turn = makesWork(request) ? turns.pass('newcomers') : undefined;
    if (turn === undefined) done();
    else void turn.then(() => done());
  });
}

const makesWork = ({ method, routeOptions: { url = '' } }: FastifyRequest): boolean =>
  (method !== 'GET' && method !== 'HEAD') || url.endsWith('/events');
