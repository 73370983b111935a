import { Injectable } from '@nestjs/common';

/** Says why the process cannot serve yet, in a few words; `undefined` when it can. */
export type ReadinessCheck = () => string | undefined;

/** What the checks of one kind say, by name. */
type Said = Readonly<Record<string, string>>;

/**
 * Whether this process may be given requests. Rooms add what they wait for at start. Nothing that can fail later belongs
 * here: an outage of the API server must not take every replica out of service.
 */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly alerts = new Map<string, ReadinessCheck>();

  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** Adds something that an operator must look at, without a bearing on being ready. */
  alert(name: string, check: ReadinessCheck): void {
    this.alerts.set(name, check);
  }

  /** What is still waited for, by name; empty when ready. */
  missing(): Said {
    return said(this.checks);
  }

  /** What an operator must look at, by name. */
  alarming(): Said {
    return said(this.alerts);
  }
}

function said(checks: ReadonlyMap<string, ReadinessCheck>): Said {
  const all = [...checks].map(([name, check]): [string, string | undefined] => [name, check()]);
  return Object.fromEntries(all.filter((one): one is [string, string] => one[1] !== undefined));
}
