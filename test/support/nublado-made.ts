type Marks = Readonly<Record<string, unknown>>;

/** An object of a lab as Nublado's controller makes it: without our marks. */
export function asNubladoMakesIt(object: object): object {
  const { metadata } = object as {
    readonly metadata: { readonly labels?: Marks; readonly annotations?: Marks };
  };
  const unmarked = (marks: Marks = {}): object =>
    Object.fromEntries(Object.entries(marks).filter(([name]) => !name.startsWith('berth.dev/')));
  const labels = unmarked(metadata.labels);
  return { ...object, metadata: { ...metadata, labels, annotations: unmarked(metadata.annotations) } };
}
