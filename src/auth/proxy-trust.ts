import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { plainAddress } from '../common/address.js';
import type { Secret } from '../config/index.js';
import type { Visitor } from './identity.js';

/** The header in which the proxy shows that it is the proxy. */
export const PROXY_SECRET_HEADER = 'x-berth-proxy-secret';

interface TrustSettings {
  readonly proxySecret: Secret | undefined;
  /** Address blocks, `10.0.0.0/8`; empty: every address. */
  readonly trustedProxies: readonly string[];
}

/**
 * Decides whether the headers that name a user are to be believed. With nothing configured they are, as in the
 * contract's deployment, where a network policy lets only the ingress in. What is configured must all hold.
 */
export class ProxyTrust {
  private readonly blocks = new BlockList();
  private readonly secretHash: Buffer | undefined;

  constructor(private readonly settings: TrustSettings) {
    for (const block of settings.trustedProxies) {
      const [address = '', bits] = block.split('/');
      const family = familyOf(address);
      this.blocks.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
    }
    this.secretHash = settings.proxySecret && hashed(settings.proxySecret.reveal());
  }

  get demandsNothing(): boolean {
    return this.secretHash === undefined && this.settings.trustedProxies.length === 0;
  }

  believes(visitor: Visitor): boolean {
    return this.hasSecret(visitor) && this.isTrustedPeer(visitor.peer);
  }

  private hasSecret({ headers }: Visitor): boolean {
    if (this.secretHash === undefined) return true;
    const given = headers[PROXY_SECRET_HEADER];
    return typeof given === 'string' && timingSafeEqual(hashed(given), this.secretHash);
  }

  private isTrustedPeer(peer: string): boolean {
    if (this.settings.trustedProxies.length === 0) return true;
    const address = plainAddress(peer);
    return isIP(address) !== 0 && this.blocks.check(address, familyOf(address));
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
/** Equal lengths for the comparison, whatever was sent. */
const hashed = (text: string): Buffer => createHash('sha256').update(text).digest();
