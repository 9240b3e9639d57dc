// Which of its forms a client wants an answer in, by its Accept header. No IO.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
import { notAcceptable } from './refusals.ts';

export type Form = 'Object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  format: 'json' | 'yaml';
  form: Form;
}

export interface AcceptClause {
  mediaType: string;
  parameters: Readonly<Record<string, string>>;
}

/** In the order of preference: quality first, then place. */
export function clausesOf(accept: string | undefined): AcceptClause[] {
  return (accept?.trim() || '*/*')
    .split(',')
    .map((text) => {
      const [mediaType = '', ...rest] = text.split(';').map((part) => part.trim());
      const parameters: Record<string, string> = {};
      for (const part of rest) {
        const [name = '', value = ''] = part.split('=', 2);
        parameters[name.toLowerCase()] = value;
      }
      return { mediaType: mediaType.toLowerCase(), parameters, quality: Number(parameters.q ?? 1) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality);
}

/** The first clause that can be served. Throws Refusal (406): protobuf alone is not. */
export function negotiate(accept: string | undefined): Accepted {
  for (const { mediaType, parameters } of clausesOf(accept)) {
    const format = formatOf(mediaType);
    const form = formOf(parameters);
    if (format && form) return { format, form };
  }
  throw notAcceptable('application/json, application/yaml');
}

function formatOf(mediaType: string): Accepted['format'] | undefined {
  switch (mediaType) {
    case 'application/json':
    case 'application/*':
    case '*/*':
      return 'json';
    case 'application/yaml':
      return 'yaml';
    default:
      return undefined;
  }
}

function formOf({ as, g, v }: Readonly<Record<string, string>>): Form | undefined {
  if (as === undefined) return 'Object';
  if (g !== 'meta.k8s.io' || v !== 'v1') return undefined;
  switch (as) {
    case 'Table':
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return as;
    default:
      return undefined;
  }
}
