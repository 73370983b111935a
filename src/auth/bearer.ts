import type { Visitor } from './identity.js';

/** The token of an `Authorization: Bearer` header (RFC 6750); undefined without one. */
export const bearerOf = ({ headers }: Pick<Visitor, 'headers'>): string | undefined =>
  /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
