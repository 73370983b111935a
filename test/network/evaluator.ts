/*
 * What NetworkPolicies let through, computed from their specification alone (Kubernetes, "Network Policies"; API
 * reference, NetworkPolicySpec). It shares nothing with the code that builds ours.
 */

type Labels = Readonly<Record<string, string>>;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Port {
  readonly port?: number | string;
  readonly endPort?: number;
  readonly protocol?: string;
}

export interface Policy {
  readonly metadata?: { readonly namespace?: string };
  readonly spec: {
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly Port[] }[];
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly Port[] }[];
  };
}

/** One end of a connection: a pod, or an address outside of the cluster. */
export type Party =
  | {
      readonly namespace: { readonly name: string; readonly labels: Labels };
      readonly labels: Labels;
      readonly address: string;
    }
  | { readonly namespace?: undefined; readonly address: string };

export interface Target {
  readonly party: Party;
  readonly port: number;
  /** What the container calls the port. */
  readonly portName?: string;
}

interface Rule {
  readonly peers: readonly Peer[] | undefined;
  readonly ports: readonly Port[] | undefined;
}

type Direction = 'Ingress' | 'Egress';

/** Whether a TCP connection comes about: the policies of both ends must let it through. */
export function isAllowed(policies: readonly Policy[], from: Party, to: Target): boolean {
  return (
    passes(policies, { direction: 'Egress', subject: from, other: to.party, target: to }) &&
    passes(policies, { direction: 'Ingress', subject: to.party, other: from, target: to })
  );
}

interface Passage {
  readonly direction: Direction;
  /** Whose policies are asked. */
  readonly subject: Party;
  readonly other: Party;
  readonly target: Target;
}

function passes(policies: readonly Policy[], { direction, subject, other, target }: Passage): boolean {
  const selecting = policies.filter(
    (policy) => typesOf(policy).includes(direction) && selects(policy, subject),
  );
  // Whom no policy selects, nothing holds back.
  if (selecting.length === 0) return true;
  return selecting.some((policy) =>
    rulesOf(policy, direction).some(
      ({ peers, ports }) => matchesPeers(peers, other, policy) && matchesPorts(ports, target),
    ),
  );
}

/** Where none are named: always Ingress, and Egress if there are rules for it. */
const typesOf = ({ spec }: Policy): readonly string[] =>
  spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])];

const selects = ({ metadata, spec }: Policy, party: Party): boolean =>
  party.namespace !== undefined &&
  party.namespace.name === metadata?.namespace &&
  matches(spec.podSelector ?? {}, party.labels);

function rulesOf({ spec }: Policy, direction: Direction): readonly Rule[] {
  return direction === 'Ingress'
    ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
    : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

/** No list, or an empty one, is everybody. */
function matchesPeers(peers: readonly Peer[] | undefined, party: Party, policy: Policy): boolean {
  if (peers === undefined || peers.length === 0) return true;
  return peers.some((peer) => matchesPeer(peer, party, policy));
}

function matchesPeer(
  { podSelector, namespaceSelector, ipBlock }: Peer,
  party: Party,
  policy: Policy,
): boolean {
  if (ipBlock)
    return (
      inBlock(ipBlock.cidr, party.address) &&
      !(ipBlock.except ?? []).some((each) => inBlock(each, party.address))
    );
  if (!party.namespace) return false;
  const isThere = namespaceSelector
    ? matches(namespaceSelector, party.namespace.labels)
    : party.namespace.name === policy.metadata?.namespace;
  return isThere && matches(podSelector ?? {}, party.labels);
}

function matchesPorts(ports: readonly Port[] | undefined, { port, portName }: Target): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some(({ port: wanted, endPort, protocol = 'TCP' }) => {
    if (protocol !== 'TCP') return false;
    if (wanted === undefined) return true;
    if (typeof wanted === 'string') return wanted === portName;
    return port >= wanted && port <= (endPort ?? wanted);
  });
}

/** An empty selector takes everything. */
function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          throw new Error(`no such operator of a selector: ${operator}`);
      }
    })
  );
}

function inBlock(cidr: string, address: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(base) / size) === Math.floor(numberOf(address) / size);
}

const numberOf = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
