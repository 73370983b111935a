/** A container image as a person writes it: `registry/repository[:tag][@digest]` (contract 4.7). */
export interface ImageReference {
  /** Host, with port if one was given: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** `algorithm:encoded`. Whether its length fits the algorithm is {@link isPullableDigest}'s question. */
  readonly digest?: string;
}

export type ReferenceProblem =
  'too_long' | 'no_registry' | 'invalid_registry' | 'invalid_repository' | 'invalid_tag' | 'invalid_digest';

export type ParsedReference =
  | { readonly ok: true; readonly reference: ImageReference }
  | { readonly ok: false; readonly problem: ReferenceProblem };

/** Longer than any reference a registry would take (name 255, tag 128, digest 256), and a bound on our own work. */
export const MAX_REFERENCE_LENGTH = 1024;
const MAX_NAME_LENGTH = 255;

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const REGISTRY = new RegExp(
  `^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\])(?::([0-9]{1,5}))?$`,
);
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]{1,255}$/;

export function isRegistry(text: string): boolean {
  const match = REGISTRY.exec(text);
  if (!match) return false;
  const port = match[1];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

export function isRepository(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && text.split('/').every((component) => COMPONENT.test(component));
}

/** Whether a registry could hold this tag (OCI distribution 1.1, "Pulling manifests"). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** What container runtimes verify; each has a fixed length (OCI image spec, "Digests"; sha384 by go-digest). */
const PULLABLE = /^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;

/** Whether a node could pull by this digest: a runtime refuses an algorithm that it does not know. */
export function isPullableDigest(digest: string): boolean {
  return PULLABLE.test(digest);
}

/**
 * Reads any text as a reference. Never throws.
 *
 * The registry is whatever stands before the first slash (contract 4.7): no name is completed with a default
 * registry, since a lab's image must say where it comes from.
 */
export function parseReference(text: string): ParsedReference {
  if (text.length > MAX_REFERENCE_LENGTH) return refuse('too_long');
  const slash = text.indexOf('/');
  if (slash < 0) return refuse('no_registry');
  const registry = text.slice(0, slash);
  const [beforeDigest, digest] = cut(text.slice(slash + 1), '@');
  const [repository, tag] = cut(beforeDigest, ':');
  const reference = {
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
  const problem = findProblem(reference);
  return problem ? refuse(problem) : { ok: true, reference };
}

function findProblem({ registry, repository, tag, digest }: ImageReference): ReferenceProblem | undefined {
  if (!isRegistry(registry)) return 'invalid_registry';
  if (!isRepository(repository)) return 'invalid_repository';
  if (tag !== undefined && !isTag(tag)) return 'invalid_tag';
  if (digest !== undefined && !isDigest(digest)) return 'invalid_digest';
  return undefined;
}

/** The text that {@link parseReference} reads back as the same reference. */
export function printReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function refuse(problem: ReferenceProblem): ParsedReference {
  return { ok: false, problem };
}
