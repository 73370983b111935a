/** The parts of a semantic version that image tags can express. */
export interface SemanticVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** One alphanumeric identifier such as `rc1`. */
  readonly prerelease?: string;
}

/**
 * Precedence by semver 2.0.0, section 11: negative if `a` comes first.
 *
 * `rc10` sorts below `rc2`: semver compares an alphanumeric identifier as text, and menus made elsewhere from the
 * same tags depend on that order (contract 4.5).
 */
export function compareVersions(a: SemanticVersion, b: SemanticVersion): number {
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    comparePrerelease(a.prerelease, b.prerelease)
  );
}

export function printVersion(version: SemanticVersion): string {
  const core = `${version.major}.${version.minor}.${version.patch}`;
  return version.prerelease === undefined ? core : `${core}-${version.prerelease}`;
}

function comparePrerelease(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}
