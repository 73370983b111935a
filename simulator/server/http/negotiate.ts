import { ApiError } from '../api-error.js';

export type Shape = 'full' | 'partial' | 'table';

const JSON_TYPES = ['application/json', '*/*', 'application/*', ''];

interface MediaType {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Which shape the client wants of objects; the first one of its Accept header that we can give. Throws 406. */
export function negotiateShape(accept: string): Shape {
  for (const { type, parameters } of parseAccept(accept)) {
    if (!JSON_TYPES.includes(type)) continue;
    const as = parameters['as'];
    if (as === undefined) return 'full';
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'partial';
  }
  throw new ApiError(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/json;stream=watch',
    {},
  );
}

/** Whether the client prefers discovery in one document. */
export function wantsAggregated(accept: string): boolean {
  const first = parseAccept(accept).find(
    ({ type, parameters }) =>
      type === 'application/json' && (parameters['as'] === undefined || parameters['v'] === 'v2'),
  );
  return first?.parameters['as'] === 'APIGroupDiscoveryList';
}

function parseAccept(accept: string): MediaType[] {
  return accept.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
    const parameters = Object.fromEntries(rest.map((piece) => piece.split('=') as [string, string]));
    return { type, parameters };
  });
}
