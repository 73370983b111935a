import type { FastifyInstance } from 'fastify';

/**
 * Node tells only the answer at the head of a connection that its peer has gone. Those of pipelined requests behind it
 * never hear of it, and would be waited for until the process ends: they are told here.
 */
export function tellQueuedAnswers(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, { raw }, done) => {
    const { socket } = request.raw;
    const onGone = (): void => {
      if (raw.socket !== null || raw.closed) return;
      raw.destroy();
      raw.emit('close');
    };
    // One listener for each request in flight on it.
    socket.setMaxListeners(0);
    socket.once('close', onGone);
    raw.once('close', () => socket.off('close', onGone));
    done();
  });
}
