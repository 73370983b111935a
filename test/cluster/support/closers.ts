export type Closer = () => Promise<void>;

/** Ends what was started, the newest first. */
export async function closeAll(closers: Closer[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export function isCi(): boolean {
  return !['', '0', 'false', undefined].includes(process.env.CI);
}
