import type { Io } from './config-check.js';
import { table } from './table.js';

export interface PrepullStatusOptions {
  /** Where the API is, with its path prefix. */
  readonly url: string;
  /** Of somebody who may ask: a bearer token, or the name that the ingress would send. */
  readonly token: string | undefined;
  readonly user: string | undefined;
}

interface Cell {
  readonly digest: string;
  readonly state: string;
  readonly reason: string;
  readonly since: string;
  readonly attempts: number;
}

interface Matrix {
  readonly at: string;
  readonly pulling: number;
  readonly images: readonly {
    readonly tag: string;
    readonly digest: string;
    readonly prepulled: boolean;
    readonly nodes: readonly string[];
    readonly missing: readonly string[];
    readonly pulls: { readonly median: number; readonly longest: number } | null;
  }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly eligible: boolean;
    readonly comment: string | null;
    readonly images: readonly Cell[];
  }[];
}

const PATH = '/admin/v1/prepulls';
const WITHIN_MS = 10_000;

/** Prints the matrix of nodes and images as a running Berth tells it; resolves with the exit code. */
export async function runPrepullStatus(options: PrepullStatusOptions, { out, err }: Io): Promise<number> {
  const where = `${options.url.replace(/\/+$/, '')}${PATH}`;
  try {
    const answer = await fetch(where, {
      headers: headersOf(options),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    if (!answer.ok) {
      err(`${where} answers ${answer.status}: ${refusal(answer.status)}`);
      return 1;
    }
    for (const line of printMatrix((await answer.json()) as Matrix)) out(line);
    return 0;
  } catch (error) {
    err(
      `${where} cannot be asked: ${error instanceof Error ? causeOf(error) : String(error)}; --url says where it is`,
    );
    return 1;
  }
}

const headersOf = ({ token, user }: PrepullStatusOptions): Record<string, string> => ({
  accept: 'application/json',
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(user === undefined ? {} : { 'x-auth-request-user': user }),
});

function refusal(status: number): string {
  if (status === 401 || status === 403 || status === 422)
    return 'an admin may ask, named by --user or by the token in BERTH_TOKEN';
  return status === 404
    ? 'there is no Berth, expected its address with the path prefix in --url'
    : 'try again';
}

const causeOf = ({ cause, message }: Error): string => (cause instanceof Error ? cause.message : message);

/** Images first, then every node with what it lacks and why. */
export function printMatrix({ at, images, nodes, pulling }: Matrix): readonly string[] {
  const tags = new Map(images.map(({ digest, tag }) => [digest, tag]));
  const head = `${images.length} images, ${nodes.length} nodes, ${pulling} pulls under way at ${at}`;
  const summary = images.map(({ missing, nodes: having, prepulled, pulls, tag }) => [
    tag,
    prepulled ? 'prepulled' : 'pending',
    `${having.length} have it`,
    `${missing.length} lack it`,
    pulls ? `pulled in ${pulls.median} s, at most ${pulls.longest} s` : '',
  ]);
  const details = nodes.flatMap(({ comment, eligible, images: cells, name }) => {
    if (!eligible) return [[name, '-', comment ?? 'not eligible']];
    const rows = cells.map((cell) => [name, tags.get(cell.digest) ?? cell.digest, wordsOf(cell)]);
    return rows.length > 0 ? rows : [[name, '-', 'nothing is wanted']];
  });
  return [
    head,
    '',
    ...table([['IMAGE', 'STATE', 'NODES', 'ELIGIBLE', 'PULLS'], ...summary]),
    '',
    ...table([['NODE', 'IMAGE', 'STATE'], ...details]),
  ];
}

function wordsOf({ attempts, reason, since, state }: Cell): string {
  const times = attempts > 1 ? `, ${attempts} times in a row` : '';
  return `${state} (${reason}${times}) since ${since}`;
}
