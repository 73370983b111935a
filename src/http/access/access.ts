import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';

/**
 * Who may call a route. `anonymous` is everybody; a user acts for themselves, a hub for users it names, a file server
 * for its owner.
 */
export type Role = 'anonymous' | 'user' | 'hub' | 'admin' | 'fileserver';

/** Under which `@Access` is found on a route. */
export const ACCESS = 'berth:access';

export interface AccessRule {
  readonly roles: readonly [Role, ...Role[]];
  /** Name of the path parameter that must be the caller's own username. */
  readonly own?: string;
  /**
   * `full`: the caller's credential is checked, and the handler is given the facts about them (contract 2.2). The handler
   * then checks `own` by itself, as the contract puts that after the body.
   */
  readonly check?: 'full';
}

/** States who may call a route; a route without it answers nobody. Recorded in the API document as `x-berth-access`. */
export function Access(rule: AccessRule): MethodDecorator & ClassDecorator {
  const open = rule.roles.includes('anonymous');
  const recorded = { roles: rule.roles, ...(rule.own === undefined ? {} : { own: rule.own }) };
  return applyDecorators(
    SetMetadata(ACCESS, rule),
    ApiExtension('x-berth-access', recorded),
    ...(open ? [] : schemesFor(rule).map((scheme) => ApiSecurity(scheme))),
  );
}

/** A key of ours is shown to us directly, never to an ingress. */
const schemesFor = ({ roles }: AccessRule): readonly string[] =>
  roles.includes('fileserver') ? ['serverKey'] : ['ingress', 'bearer'];
