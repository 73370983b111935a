/** What a spec reads of an operation in the API document. */
export interface ApiOperation {
  readonly operationId?: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly examples?: object }>> }>
  >;
  readonly 'x-berth-access'?: Access;
}

interface Access {
  readonly roles: readonly string[];
  readonly own?: string;
}

export interface ListedOperation {
  readonly method: string;
  readonly path: string;
  readonly access: Access | undefined;
  readonly spec: ApiOperation;
}

interface Paths {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
}

/** Every operation of a document. */
export const operations = ({ paths }: Paths): readonly ListedOperation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, spec]) => ({
      method: method.toUpperCase(),
      path,
      spec,
      access: spec['x-berth-access'],
    })),
  );

/** The users of the demo's configuration, one for each role, and two who are nobody. */
export const callers = {
  nobody: {},
  stranger: { authorization: 'Bearer gt-nobody-knows-this' },
  user: { authorization: 'Bearer gt-rachel-for-the-demo-only' },
  hub: { authorization: 'Bearer gt-hub-for-the-demo-only' },
  admin: { authorization: 'Bearer gt-admin-for-the-demo-only' },
  server: { authorization: 'Bearer 00000000-0000-0000-0000-000000000000.key-of-a-server' },
} as const;
