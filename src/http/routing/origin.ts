import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';

import { plainAddress } from '../../common/address.js';

/** Where a request came from, as far as its headers may say so. */
export interface Origin {
  readonly address: string;
  readonly scheme: 'http' | 'https';
}

interface Arrival {
  readonly headers: IncomingHttpHeaders;
  /** Address at the other end of the connection. */
  readonly peer: string;
}

/**
 * Contract 2.1: if `X-Forwarded-For` has at least one address, the right-most is the client's and
 * `X-Forwarded-Proto` gives the scheme; otherwise neither header counts.
 */
export function originOf(arrival: Arrival): Origin {
  const address = rightmostAddress(arrival.headers['x-forwarded-for']);
  if (address === undefined) return { address: plainAddress(arrival.peer), scheme: 'http' };
  const proto = [arrival.headers['x-forwarded-proto']].flat()[0]?.trim().toLowerCase();
  return { address, scheme: proto === 'https' ? 'https' : 'http' };
}

function rightmostAddress(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const parts = [header].flat().join(',').split(',');
  return parts
    .map((part) => part.trim())
    .filter((part) => isIP(part) !== 0)
    .at(-1);
}

/** An absolute URL on the host and scheme that the client used. */
export function absoluteUrl(arrival: Arrival, path: string): string {
  const host = arrival.headers.host ?? 'localhost';
  return `${originOf(arrival).scheme}://${host}${path}`;
}
