import { describe, expect, it } from 'vitest';

import { originOf } from './origin.js';

describe('where a request came from', () => {
  it.each([
    ['the peer, without a proxy', '192.0.2.7', undefined, '192.0.2.7'],
    ['an IPv4 peer of a socket that speaks both families', '::ffff:192.0.2.7', undefined, '192.0.2.7'],
    ['an IPv6 peer', '2001:db8::7', undefined, '2001:db8::7'],
    ['the right-most address that proxies named', '::1', 'nonsense, 192.0.2.1, 192.0.2.2', '192.0.2.2'],
    ['the peer, if no proxy named an address', '192.0.2.7', 'unknown', '192.0.2.7'],
  ])('is %s', (_what, peer, forwarded, address) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };

    expect(originOf({ headers, peer }).address).toBe(address);
  });
});
