import type { Cluster } from '../../../simulator/cluster.js';

/** Somebody with `kubectl` and all rights, who knows nothing of us. */
export class Stranger {
  constructor(private readonly cluster: Cluster) {}

  create(path: string, object: object): Promise<void> {
    return this.send('POST', path, object);
  }

  delete(path: string): Promise<void> {
    return this.send('DELETE', path);
  }

  merge(path: string, change: object): Promise<void> {
    return this.send('PATCH', path, change, 'application/merge-patch+json');
  }

  private async send(method: string, path: string, body?: object, type = 'application/json'): Promise<void> {
    const headers = { 'content-type': type };
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers };
    const answer = await fetch(this.cluster.api.url + path, { method, ...sent });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  }
}
