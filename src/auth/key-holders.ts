import { Injectable } from '@nestjs/common';
import { Secret } from '../config/index.js';
import { InvalidToken } from './auth.errors.js';
import { bearerOf } from './bearer.js';
import type { Caller, Visitor } from './identity.js';

/** For whom the holder of a key of ours may speak; undefined for what is no such key, or not any more. */
type Recogniser = (key: Secret) => string | undefined;

/** Callers that are no people but parts of ours, told apart by keys we gave them. A room that gives some says here whose they are. */
@Injectable()
export class KeyHolders {
  private readonly recognisers: Recogniser[] = [];

  register(recogniser: Recogniser): void {
    this.recognisers.push(recogniser);
  }

  /** @throws {InvalidToken} */
  recognise(visitor: Visitor): Caller {
    const token = bearerOf(visitor);
    if (token === undefined) throw new InvalidToken();
    for (const recognise of this.recognisers) {
      const username = recognise(new Secret(token));
      if (username === undefined) continue;
      return { username, roles: new Set(['fileserver']), actsForOthers: false, token: undefined };
    }
    throw new InvalidToken();
  }
}
