import { Injectable } from '@nestjs/common';

/** Says why the process cannot serve yet, in a few words; `undefined` when it can. */
export type ReadinessCheck = () => string | undefined;

/**
 * Whether this process may be given requests. Rooms add what they wait for at start. Nothing that can fail later belongs
 * here: an outage of the API server must not take every replica out of service.
 */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();

  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** What is still waited for, by name; empty when ready. */
  missing(): Readonly<Record<string, string>> {
    const waiting = [...this.checks].map(([name, check]): [string, string | undefined] => [name, check()]);
    return Object.fromEntries(waiting.filter((one): one is [string, string] => one[1] !== undefined));
  }
}
