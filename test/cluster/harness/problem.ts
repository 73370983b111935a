/** A problem that the person at the terminal can do something about: plain sentences, no stack trace. */
export class ClusterProblem extends Error {
  override readonly name = 'ClusterProblem';
}

/** What `build` throws when there is no toolchain; specs may be skipped for it on a laptop, never in CI. */
export class MissingToolchain extends ClusterProblem {}
