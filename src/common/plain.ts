/**
 * The shape of `T` without its classes. The Kubernetes SDK describes the API's objects as classes that nobody
 * constructs: ours are plain JSON, and this says so.
 */
export type Plain<T> = T extends Date
  ? T
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;
