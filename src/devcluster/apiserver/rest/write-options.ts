// dryRun and fieldValidation of a create, an update or a patch. No IO.
import type { FieldValidation } from '../../kinds/index.ts';
import { invalid, type StatusCause } from '../../status.ts';

export interface RestWriteOptions {
  dryRun: boolean;
  validation: FieldValidation;
}

/** `of` is the options' kind, as errors call it. Throws Refusal (422). */
export function writeOptionsOf(
  query: URLSearchParams,
  of: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): RestWriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const validation = query.get('fieldValidation') || 'Warn';
  const causes = [...dryRunCauses(dryRun), ...validationCauses(validation)];
  if (causes.length > 0) throw invalid('meta.k8s.io', of, '', causes);
  return { dryRun: dryRun.length > 0, validation: validation as FieldValidation };
}

export const dryRunCauses = (values: readonly string[]): StatusCause[] =>
  values.every((value) => value === 'All') ? [] : [unsupported('dryRun', values, ['All'])];

const validationCauses = (value: string): StatusCause[] =>
  ['Ignore', 'Strict', 'Warn'].includes(value)
    ? []
    : [unsupported('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn'])];

export function unsupported(
  field: string,
  value: string | readonly string[],
  supported: readonly string[],
): StatusCause {
  const values = supported.map((one) => JSON.stringify(one)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${values}`,
    field,
  };
}
