type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const nodesIn = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/**
 * Affinity is Kubernetes' own and is handed on as it is: what counts is each kind of rule, not the fields below it.
 */
const DEEPEST: Readonly<Record<string, number>> = { affinity: 3 };

/** `a.b.c` of everything that can be set under `section`, lists looked through, as the JSON schema has it. */
export function switchesOf(schema: object, section: string): readonly string[] {
  const root = schema as Node;
  const resolved = (node: Node): Node => {
    const ref = node['$ref'];
    if (typeof ref !== 'string') return node;
    const found = ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => (at as Node)[key], root);
    return resolved(found as Node);
  };
  const walk = (given: Node, path: readonly string[]): readonly string[] => {
    const node = resolved(given);
    if (path.length === DEEPEST[path[0] ?? '']) return [path.join('.')];
    const inner = [
      ...Object.entries(isNode(node['properties']) ? node['properties'] : {}).flatMap(([key, below]) =>
        walk(below as Node, [...path, key]),
      ),
      ...(isNode(node['items']) ? walk(node['items'], path) : []),
      ...['anyOf', 'oneOf'].flatMap((some) => nodesIn(node[some]).flatMap((one) => walk(one, path))),
    ];
    return inner.length > 0 ? inner : [path.join('.')];
  };
  const found = walk({ $ref: `#/properties/${section}` }, []);
  return [...new Set(found)].filter((key) => key !== '');
}
