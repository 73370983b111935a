#!/usr/bin/env node
import 'reflect-metadata';
import { HELP, parseCommand, runConfigCheck, runPrepullStatus } from './cli/index.js';
import type { Command, ServeOptions } from './cli/index.js';
import { processEnv } from './config/index.js';
import { StartProblem } from './start-problem.js';

const out = (line: string): void => void process.stdout.write(`${line}\n`);
const err = (line: string): void => void process.stderr.write(`${line}\n`);

// Whoever reads what we print has had enough, as `head` does: no fault to tell of. The code is a broken pipe's.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(141);
  });

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2), processEnv());
  switch (command.kind) {
    case 'serve':
      return run(command.options);
    case 'resumeRemovals':
      out(await (await import('./resume-removals.js')).resumeRemovals(command.kubeconfig));
      return;
    case 'help':
      process.stdout.write(HELP);
      return;
    case 'version':
      out((await import('./common/product.js')).product.version);
      return;
    case 'problem':
      err(command.message);
      process.exitCode = 1;
      return;
    default:
      process.exitCode = await answer(command);
  }
}

type Silent = 'serve' | 'resumeRemovals' | 'help' | 'version' | 'problem';

/** Commands that answer a question, and whose exit code is part of the answer. */
async function answer(command: Exclude<Command, { readonly kind: Silent }>): Promise<number> {
  switch (command.kind) {
    case 'configCheck':
      return runConfigCheck(command.file, command.extra, { out, err });
    // Loaded only when asked for: it brings the whole room of images along.
    case 'images':
      return (await import('./cli/images.js')).runImages(command.options, processEnv(), { out, err });
    case 'clusterCheck':
      return (await import('./cluster-questions.js')).checkAgainstCluster(command, { out, err });
    case 'adoptionRehearsal':
      return (await import('./cluster-questions.js')).rehearseAdoption(command, { out, err });
    case 'prepullStatus':
      return runPrepullStatus(command.options, { out, err });
  }
}

const SIGNALS = { SIGTERM: 143, SIGINT: 130 } as const;

/** Serves until a signal ends it; a second signal does not wait, nor does one that comes before anybody was served. */
async function run(options: ServeOptions): Promise<void> {
  let ending = false;
  const signalled = new Promise<keyof typeof SIGNALS>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (ending) process.exit(SIGNALS[signal]);
        ending = true;
        resolve(signal);
      });
    }
  });
  const { serve } = await import('./serve.js');
  const running = await Promise.race([serve(options), signalled.then((signal) => SIGNALS[signal])]);
  // A start changes nothing that would have to be undone.
  if (typeof running === 'number') process.exit(running);
  const signal = await signalled;
  running.log.info('ending', { signal });
  await running.stop();
  running.log.info('ended', { signal });
  process.exit(0);
}

main().catch((error: unknown) => {
  if (error instanceof StartProblem) for (const sentence of error.sentences) err(`berth: ${sentence}`);
  else err(`berth: cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
