import type { KubeObject } from './objects.js';

/** What the rules of a kind may ask of the cluster around it. */
export interface Context {
  nowMs(): number;
  find(storage: string, namespace: string, name: string): KubeObject | undefined;
  list(storage: string, namespace: string): KubeObject[];
  /** Stores a change that the server itself makes, such as a quota's usage. */
  write(storage: string, object: KubeObject): void;
  /** A free address of the service range. */
  takeServiceAddress(wished?: string): string;
  takeNodePort(): number;
}
