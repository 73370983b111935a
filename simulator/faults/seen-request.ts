/** One request as the proxy saw it. `fault` names what was done to it, `status` what the client was answered. */
export interface SeenRequest {
  /** 1 for the first request of this proxy. */
  readonly number: number;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly userAgent: string;
  /** The body as text; '' without one. */
  readonly body: string;
  status?: number;
  fault?: string;
}
