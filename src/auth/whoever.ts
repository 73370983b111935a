import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller, Described } from './identity.js';

/** Who asks, and with `check: 'full'` what the identity provider says about them. */
export interface Admitted {
  readonly caller: Caller;
  /** Absent for a hub that acts for others and sent no credential of its own. */
  readonly described: Described | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    admitted?: Admitted;
  }
}

/** Injects `Admitted` into a handler of a route that is not anonymous. */
export const Whoever = createParamDecorator((_data: unknown, context: ExecutionContext): Admitted => {
  const { admitted } = context.switchToHttp().getRequest<FastifyRequest>();
  if (admitted === undefined) throw new Error('@Whoever on a route that recognises nobody');
  return admitted;
});
