import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS } from '../http/index.js';
import type { AccessRule } from '../http/index.js';
import type { Admitted } from './whoever.js';
import { PermissionDenied } from './auth.errors.js';
import { IdentityProvider } from './identity.js';
import type { Caller, Described } from './identity.js';
import { KeyHolders } from './key-holders.js';

/** Holds every route to its `@Access`. Runs before the body is looked at: a bad token is told before a bad body. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly identity: IdentityProvider,
    private readonly keys: KeyHolders,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === undefined) throw new PermissionDenied();
    if (rule.roles.includes('anonymous')) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.admitted = await this.admit(rule, request);
    return true;
  }

  private async admit(rule: AccessRule, request: FastifyRequest): Promise<Admitted> {
    const visitor = { headers: request.headers, peer: request.ip };
    const isForKeys = rule.roles.includes('fileserver');
    const caller = isForKeys ? this.keys.recognise(visitor) : await this.identity.recognise(visitor, rule);
    if (caller.username !== undefined) request.user = caller.username;
    if (!rule.roles.some((role) => caller.roles.has(role))) throw new PermissionDenied();
    if (rule.check === 'full') return { caller, described: await this.describe(caller) };
    if (rule.own !== undefined) mustBeOwn(caller, (request.params as Record<string, string>)[rule.own]);
    return { caller, described: undefined };
  }

  private async describe(caller: Caller): Promise<Described | undefined> {
    if (caller.actsForOthers && caller.token === undefined) return undefined;
    return this.identity.describe(caller);
  }
}

/** The path names the caller, or the caller may act for others (contract 2.2, path check). @throws {PermissionDenied} */
export function mustBeOwn(caller: Caller, username: string | undefined): void {
  if (caller.username !== username && !caller.actsForOthers) throw new PermissionDenied();
}
