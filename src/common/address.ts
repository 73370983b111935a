/** An IPv4 peer of a socket that speaks both, `::ffff:10.0.0.1`, as everybody else writes it. */
export const plainAddress = (peer: string): string => peer.replace(/^::ffff:(?=\d+\.)/i, '');
