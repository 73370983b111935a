import { z } from 'zod';
import { filled } from '../common/filled.js';
import { bytes, milliCpu } from '../common/units.js';
import type { NotebookQuota, UserInfo } from './identity.js';

const GIB = 2 ** 30;
/** What a record and the API server count exactly; more than any machine has, so a quota beyond it bounds as little. */
const MOST = Number.MAX_SAFE_INTEGER;

/** Gafaelfawr's answer to `user-info`, as far as it concerns us (contract 11.3). */
const answer = z.object({
  username: filled(),
  name: z.string().nullish(),
  uid: z.int().nonnegative().nullish(),
  gid: z.int().nonnegative().nullish(),
  groups: z.array(z.object({ name: z.string(), id: z.int().nonnegative() })).nullish(),
  quota: z
    .object({
      notebook: z.object({ cpu: z.number(), memory: z.number(), spawn: z.boolean().default(true) }).nullish(),
    })
    .nullish(),
});

/** Reads user-info. @throws {z.ZodError} naming the fields, never their values */
export function toUserInfo(body: unknown): UserInfo {
  const { username, name, uid, gid, groups, quota } = answer.parse(body);
  return {
    username,
    name: name ?? null,
    uid: uid ?? undefined,
    gid: gid ?? undefined,
    groups: groups ?? [],
    quota: quota?.notebook ? toQuota(quota.notebook) : undefined,
  };
}

/** Cores become thousandths, GiB whole bytes, both rounded down: a quota is never larger than it says. */
const toQuota = (notebook: { cpu: number; memory: number; spawn: boolean }): NotebookQuota => ({
  // Rounded at the ninth place first: 0.29 cores are 290 thousandths, not 289.999….
  cpu: milliCpu(Math.min(Math.floor(Number((notebook.cpu * 1000).toFixed(6))), MOST)),
  memory: bytes(Math.min(Math.trunc(notebook.memory * GIB), MOST)),
  spawn: notebook.spawn,
});

/** Gafaelfawr's answer to `token-info`, as far as it concerns us. */
const tokenAnswer = z.object({
  username: filled(),
  scopes: z.array(z.string()).nullish(),
});

/** Whose a token is, and what it allows. */
export interface TokenInfo {
  readonly username: string;
  readonly scopes: readonly string[];
}

/** Reads token-info. @throws {z.ZodError} naming the fields, never their values */
export function toTokenInfo(body: unknown): TokenInfo {
  const { username, scopes } = tokenAnswer.parse(body);
  return { username, scopes: scopes ?? [] };
}
