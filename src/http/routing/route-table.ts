/** What to say to a request that no route serves. */
export type Miss =
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'wrong method'; readonly allowed: readonly string[] }
  | { readonly kind: 'unknown' };

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
}

/**
 * The registered routes, asked only about requests that matched none of them: the router itself cannot tell
 * a wrong method or a stray trailing slash from an unknown path (contract 2.1).
 */
export class RouteTable {
  private readonly routes: Route[] = [];

  add(method: string | readonly string[], pattern: string): void {
    for (const one of [method].flat()) this.routes.push({ method: one, segments: pattern.split('/') });
  }

  explain(path: string): Miss {
    const allowed = this.methodsOf(path);
    if (allowed.length > 0) return { kind: 'wrong method', allowed };
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
    return other !== '' && this.methodsOf(other).length > 0
      ? { kind: 'redirect', path: other }
      : { kind: 'unknown' };
  }

  private methodsOf(path: string): readonly string[] {
    const segments = path.split('/');
    const found = this.routes.filter((route) => matches(route.segments, segments));
    return [...new Set(found.map((route) => route.method))].sort();
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => {
      const segment = segments[index] ?? '';
      return part.startsWith(':') ? segment !== '' : part === segment;
    })
  );
}
