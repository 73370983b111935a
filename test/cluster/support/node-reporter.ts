import type { Reporter, TestModule } from 'vitest/node';

/** Says in one line how much ran on the real node: a suite that runs nothing must not look like one that passed. */
export default class NodeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped').length;
    const ran = tests.length - skipped;
    if (ran > 0 || skipped === 0) console.log(`real node: ran ${ran} specs`);
    else console.log(`real node: skipped all ${skipped} specs, for want of root or cgroups`);
    // Nothing found is no success.
    if (tests.length === 0) process.exitCode = 1;
  }
}
