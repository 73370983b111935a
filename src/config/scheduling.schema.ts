import { z } from 'zod';
import { cpu, filled, memory, text, textMap, whole } from './values.js';

/** `limits` and `requests` of a container. Other resources are ignored, as today's controller ignores them. */
export const resourcesSchema = z
  .object({
    limits: z.object({ cpu: cpu(), memory: memory() }),
    requests: z.object({ cpu: cpu(), memory: memory() }),
  })
  .superRefine(({ limits, requests }, context) => {
    for (const kind of ['cpu', 'memory'] as const) {
      if (requests[kind] <= limits[kind]) continue;
      const message = `is larger than the limit, expected at most limits.${kind}`;
      context.addIssue({ code: 'custom', path: ['requests', kind], message });
    }
  })
  .meta({ id: 'resources' });

export const tolerationSchema = z
  .strictObject({
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    key: text().optional(),
    operator: z.enum(['Equal', 'Exists']).prefault('Equal'),
    tolerationSeconds: whole().optional(),
    value: text().optional(),
  })
  .superRefine((toleration, context) => {
    const { operator, key, value } = toleration;
    const refuse = (at: string, message: string) => context.addIssue({ code: 'custom', path: [at], message });
    if (operator === 'Exists' && value) refuse('value', 'is given with operator Exists, expected no value');
    if (operator !== 'Equal') return;
    if (!key) refuse('key', 'is missing, expected a key because the operator is Equal');
    if (value === undefined) refuse('value', 'is missing, expected a value because the operator is Equal');
  })
  .meta({ id: 'toleration' });

const matchExpression = <Operator extends string>(operators: readonly Operator[]) =>
  z
    .strictObject({ key: text(), operator: z.enum(operators), values: z.array(text()).prefault([]) })
    .superRefine((expression, context) => {
      const message = misfit(expression.operator, expression.values);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['values'], message });
    })
    .transform(({ key, operator, values }) =>
      values.length > 0 ? { key, operator, values } : { key, operator },
    );

function misfit(operator: string, values: readonly string[]): string | undefined {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? undefined
        : `must not be empty, expected values because the operator is ${operator}`;
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? undefined : `must be absent, expected no values with operator ${operator}`;
    default:
      return values.length === 1 && /^-?\d+$/.test(values[0] ?? '')
        ? undefined
        : `must be exactly one whole number in quotes, expected for operator ${operator}`;
  }
}

const labelExpression = () => matchExpression(['In', 'NotIn', 'Exists', 'DoesNotExist']);
const nodeExpression = () => matchExpression(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']);

/** Lists that are empty mean nothing to Kubernetes, or are refused by it; they become absent. */
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .optional()
    .transform((items) => (items && items.length > 0 ? items : undefined));

const labelSelector = z
  .strictObject({ matchExpressions: list(labelExpression()), matchLabels: textMap().optional() })
  .meta({ id: 'labelSelector' });

const podTerm = z
  .strictObject({
    labelSelector: labelSelector.optional(),
    matchLabelKeys: list(text()),
    mismatchLabelKeys: list(text()),
    namespaceSelector: labelSelector.optional(),
    namespaces: list(text()),
    topologyKey: filled(),
  })
  .meta({ id: 'podAffinityTerm' });

const podRules = () =>
  z.strictObject({
    preferredDuringSchedulingIgnoredDuringExecution: list(
      z.strictObject({ podAffinityTerm: podTerm, weight: whole(1, 100) }),
    ),
    requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
  });

const nodeTerm = z
  .strictObject({ matchExpressions: list(nodeExpression()), matchFields: list(nodeExpression()) })
  .meta({ id: 'nodeSelectorTerm' });

const nodeRules = () =>
  z.strictObject({
    preferredDuringSchedulingIgnoredDuringExecution: list(
      z.strictObject({ preference: nodeTerm, weight: whole() }),
    ),
    requiredDuringSchedulingIgnoredDuringExecution: z
      .strictObject({ nodeSelectorTerms: z.array(nodeTerm) })
      .optional()
      .transform((rules) => (rules && rules.nodeSelectorTerms.length > 0 ? rules : undefined)),
  });

export const affinitySchema = z
  .strictObject({
    nodeAffinity: nodeRules().optional(),
    podAffinity: podRules().optional(),
    podAntiAffinity: podRules().optional(),
  })
  .meta({ id: 'affinity' });

/** Where pods may run; the three keys mean the same for labs, file servers and fsadmin. */
export const placement = {
  affinity: affinitySchema
    .optional()
    .transform((affinity) => (affinity && Object.values(affinity).some(Boolean) ? affinity : undefined)),
  nodeSelector: textMap().prefault({}),
  tolerations: z.array(tolerationSchema).prefault([]),
};
