/** A pod with one container of the given image. */
export function aPod(name: string, image = 'registry.example.org/science/tool:1'): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image }] },
  };
}
