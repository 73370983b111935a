import { ensureBinaries } from './build.js';
import { down, runKubelets, status, up } from './person.js';
import { ClusterProblem } from './problem.js';

const USAGE = 'Usage: npm run cluster -- up | down | status | build';

const say = (line: string): void => console.log(line);

async function main([command, file]: readonly string[]): Promise<number> {
  switch (command) {
    case 'up':
      await up(say);
      return 0;
    case 'down':
      await down(say);
      return 0;
    case 'status':
      return status(say) ? 0 : 1;
    case 'build':
      if (!(await ensureBinaries(say))) say('The control plane is built already.');
      return 0;
    case 'kubelets':
      await runKubelets(file ?? '');
      return 0;
    default:
      console.error(USAGE);
      return 2;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof ClusterProblem ? error.message : error);
  process.exitCode = 1;
}
