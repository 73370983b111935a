#!/usr/bin/env node
import 'reflect-metadata';
import { HELP, parseCommand, runConfigCheck } from './cli/index.js';
import type { ServeOptions } from './cli/index.js';
import { processEnv } from './config/index.js';
import { StartProblem } from './start-problem.js';

const out = (line: string): void => void process.stdout.write(`${line}\n`);
const err = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2), processEnv());
  switch (command.kind) {
    case 'serve':
      return run(command.options);
    case 'configCheck':
      process.exitCode = runConfigCheck(command.file, command.extra, { out, err });
      return;
    // Loaded only when asked for: it brings the whole room of images along.
    case 'images':
      process.exitCode = await (
        await import('./cli/images.js')
      ).runImages(command.options, processEnv(), { out, err });
      return;
    case 'clusterCheck':
      process.exitCode = await (
        await import('./cluster-questions.js')
      ).checkAgainstCluster(command, { out, err });
      return;
    case 'adoptionRehearsal':
      process.exitCode = await (
        await import('./cluster-questions.js')
      ).rehearseAdoption(command, { out, err });
      return;
    case 'resumeRemovals':
      out(await (await import('./resume-removals.js')).resumeRemovals(command.kubeconfig));
      return;
    case 'help':
      process.stdout.write(HELP);
      return;
    case 'version':
      out((await import('./http/index.js')).product.version);
      return;
    case 'problem':
      err(command.message);
      process.exitCode = 1;
  }
}

/** Serves until a signal ends it; a second signal does not wait. */
async function run(options: ServeOptions): Promise<void> {
  let ending = false;
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      process.on(signal, () => {
        if (ending) process.exit(code);
        ending = true;
        resolve(signal);
      });
    }
  });
  const { serve } = await import('./serve.js');
  const started = serve(options);
  const signal = await Promise.race([signalled, started.then(() => signalled)]);
  const running = await started;
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
