export type Env = Readonly<Record<string, string | undefined>>;

/**
 * An empty variable counts as none. Kubernetes itself sets `BERTH_PORT=tcp://10.0.0.1:80` in every pod of a
 * namespace that has a Service called `berth`; that is no setting of anybody's.
 */
export function fromEnv(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value && !/^(tcp|udp|sctp):\/\//.test(value) ? value : undefined;
}

/** Undefined for what is no port. */
export function portOf(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined;
}
