import 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Error code the caller was given; for the request's log line. */
    failure?: string;
    /** Username the request came from, once known; for the request's log line. */
    user?: string;
  }
}
