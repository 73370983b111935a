import type { Gate } from './gate.js';
import type { Lag } from './lag.js';
import type { SeenRequest } from './seen-request.js';

export interface Match {
  readonly verb?: string | readonly string[];
  readonly group?: string;
  readonly resource?: string | readonly string[];
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Only the n-th matching request, counted from 1 by this rule. */
  readonly nth?: number;
  /** At most so many matching requests. */
  readonly times?: number;
  readonly where?: (request: SeenRequest) => boolean;
}

export type Action =
  /** Answers with a Status instead of asking the server; `body` replaces the whole answer. */
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterS?: number;
      /** The object that the Status speaks of. */
      readonly about?: { readonly kind: string; readonly name: string };
      readonly body?: object;
    }
  /** Breaks the connection: before the server hears of the request, or after it has answered. */
  | { readonly do: 'reset'; readonly at: 'before' | 'after' }
  /** Says nothing for so long and then forwards; for ever without `ms`. `after`: the server has already acted. */
  | { readonly do: 'hang'; readonly ms?: number; readonly at?: 'before' | 'after' }
  /** Gives the previous answer to the same GET again, if there was one. */
  | { readonly do: 'stale' }
  /** Stops at a gate; `answered`: the client has the whole answer, the gate only learns of it. */
  | { readonly do: 'pause'; readonly gate: Gate; readonly at: 'before' | 'after' | 'answered' }
  /** Stops at a gate on its way, and reaches the server when that opens, even if its client gave up long before. */
  | { readonly do: 'delay'; readonly gate: Gate }
  /** Watches: no byte any more after so many events (0). */
  | { readonly do: 'freeze'; readonly after?: number }
  /** Watches: breaks the stream after so many events, in the middle of the next line if `torn`. */
  | { readonly do: 'cut'; readonly after?: number; readonly how?: 'reset' | 'end'; readonly torn?: boolean }
  /** Watches: ends as the server's own time limit ends them, after so many events (0). */
  | { readonly do: 'finish'; readonly after?: number }
  /** Watches: says something else instead of each line; the opening comes first, as `undefined`. */
  | { readonly do: 'rewrite'; readonly line: (line: Buffer | undefined) => readonly Buffer[] }
  /** Watches: so many bytes at a time, with a pause after each. */
  | { readonly do: 'drip'; readonly bytes: number; readonly ms: number }
  /** Watches: an ERROR event with 410 after so many events, then the end. */
  | { readonly do: 'expire'; readonly after?: number }
  /** Watches: events by their number in the stream, counted from 1. */
  | { readonly do: 'drop' | 'duplicate' | 'reorder'; readonly events: readonly number[] }
  /** Watches: a pause before every event, so that many of them come later and later. */
  | { readonly do: 'slow'; readonly ms: number }
  /** Watches: every event so much later, however many there are. */
  | { readonly do: 'lag'; readonly lag: Lag };

export interface Rule {
  readonly match?: Match;
  readonly action: Action;
}

/** A rule with its count of what it matched. */
export class CountedRule {
  private matched = 0;

  constructor(readonly rule: Rule) {}

  /** Counts the request if it matches, and says whether the rule is to act on it. */
  takes(request: SeenRequest): boolean {
    const { match = {} } = this.rule;
    if (!fits(match, request)) return false;
    this.matched++;
    if (match.nth !== undefined) return this.matched === match.nth;
    return match.times === undefined || this.matched <= match.times;
  }
}

const EXACT = ['group', 'subresource', 'namespace', 'name'] as const;

function fits(match: Match, request: SeenRequest): boolean {
  if (!isOneOf(match.verb, request.verb) || !isOneOf(match.resource, request.resource)) return false;
  if (EXACT.some((key) => match[key] !== undefined && match[key] !== request[key])) return false;
  return match.where?.(request) ?? true;
}

function isOneOf(wanted: string | readonly string[] | undefined, actual: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === actual : wanted.includes(actual);
}
