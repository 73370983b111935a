import type { Client } from './client.js';
import { textAt } from './json.js';
import { Trial } from './trial.js';

/** One question to an API server: a sentence, and what to do to hear the answer. */
export interface Case {
  readonly name: string;
  readonly run: (trial: Trial) => Promise<void>;
}

export interface Group {
  readonly name: string;
  readonly cases: readonly Case[];
  /** Its cases need the controllers of Kubernetes; without, the bare API server will do. */
  readonly needsControllers?: true;
}

/** Names cases by their keys. */
export function group(name: string, cases: Readonly<Record<string, Case['run']>>): Group {
  return { name, cases: Object.entries(cases).map(([each, run]) => ({ name: each, run })) };
}

/** Runs one case on a server and answers its record, comparable with another server's. */
export async function runCase({ run }: Case, client: Client): Promise<unknown> {
  const trial = new Trial(client);
  try {
    await run(trial);
    return trial.finish();
  } finally {
    trial.close();
  }
}

/** The version the server calls itself. */
export async function serverVersion(client: Client): Promise<string> {
  const { body } = await client.send('GET', '/version');
  return textAt(body, 'gitVersion');
}
