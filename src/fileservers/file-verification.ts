import { createHmac, randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { IdentityProvider } from '../auth/index.js';
import type { Credentials } from '../auth/index.js';
import { Clock } from '../common/clock.js';
import { seconds } from '../common/units.js';
import { CredentialsRefused, TooManyGuesses } from './fileservers.errors.js';

/** How long a server may remember a good answer; a token that is revoked lives on at most as long. */
export const VALID_FOR = seconds(300);
const MOST_REFUSALS = 10;
const WITHIN = seconds(60);
/** Devices of one user that are not taken for somebody who guesses. */
const MOST_KNOWN = 16;

/** What one server was told lately. */
interface Account {
  /** Times of refusals, the oldest first. */
  refusals: number[];
  /** Hashes of credentials that were good once: no guess, whatever others do. They are asked about all the same. */
  readonly known: Set<string>;
}

/**
 * Says whether credentials shown to a file server are its owner's. Every question goes to the identity provider; only
 * how often somebody guessed is remembered here, and keyed hashes of what was no guess.
 */
@Injectable()
export class FileVerification {
  private readonly accounts = new Map<string, Account>();
  private readonly hashKey = randomBytes(32);

  constructor(
    private readonly identity: IdentityProvider,
    private readonly clock: Clock,
  ) {}

  /** @throws {CredentialsRefused} @throws {TooManyGuesses} @throws {IdentityUnavailable} */
  async verify(owner: string, credentials: Credentials): Promise<void> {
    const account = this.accountOf(owner);
    const hash = this.hashOf(credentials);
    const isKnown = account.known.has(hash);
    if (!isKnown && account.refusals.length >= MOST_REFUSALS) throw new TooManyGuesses();
    // Counted before the answer, so that many at once do not slip through; an answer that is good takes it back.
    const at = this.clock.monotonic();
    if (!isKnown) account.refusals.push(at);
    if (await this.isOwner(owner, credentials, () => forget(account, at))) {
      forget(account, at);
      remember(account, hash);
      return;
    }
    account.known.delete(hash);
    throw new CredentialsRefused();
  }

  /** A provider that gives no answer says nothing about the credentials. */
  private async isOwner(owner: string, credentials: Credentials, onSilence: () => void): Promise<boolean> {
    if (credentials.username !== owner) return false;
    try {
      return (await this.identity.ownerOf(credentials)) === owner;
    } catch (error) {
      onSilence();
      throw error;
    }
  }

  private accountOf(owner: string): Account {
    const since = this.clock.monotonic() - WITHIN;
    const account = this.accounts.get(owner) ?? { refusals: [], known: new Set() };
    account.refusals = account.refusals.filter((at) => at > since);
    this.accounts.set(owner, account);
    return account;
  }

  private hashOf({ username, password }: Credentials): string {
    const text = `${username.length}:${username}${password.reveal()}`;
    return createHmac('sha256', this.hashKey).update(text).digest('base64');
  }
}

function forget(account: Account, at: number): void {
  const index = account.refusals.indexOf(at);
  if (index >= 0) account.refusals.splice(index, 1);
}

function remember({ known }: Account, hash: string): void {
  known.delete(hash);
  known.add(hash);
  const [oldest] = known;
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
}
