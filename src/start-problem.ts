/** Why the process does not start, in sentences for the person who started it. */
export class StartProblem extends Error {
  constructor(readonly sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'StartProblem';
  }
}
