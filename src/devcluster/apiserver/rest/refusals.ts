// Refusals that only HTTP knows: Kubernetes' own reasons, codes and words. No IO.
import { Refusal, type StatusCause } from '../../status.ts';

export const unauthorized = (): Refusal => new Refusal(401, 'Unauthorized', 'Unauthorized');

export const forbidden = (why: string): Refusal => new Refusal(403, 'Forbidden', why);

export const noSuchResource = (): Refusal =>
  new Refusal(404, 'NotFound', 'the server could not find the requested resource', {});

export class MethodNotAllowed extends Refusal {
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[]) {
    super(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
    this.allowed = allowed;
  }
}

export const notAcceptable = (accepted: string): Refusal =>
  new Refusal(406, 'NotAcceptable', `only the following media types are accepted: ${accepted}`);

export const unsupportedMediaType = (accepted: string): Refusal =>
  new Refusal(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );

/** For a version that this server has not come to. */
export const tooLargeVersion = (asked: number, current: number): Refusal => {
  const message = `Too large resource version: ${String(asked)}, current: ${String(current)}`;
  const causes: StatusCause[] = [
    { reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' },
  ];
  return new Refusal(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
};

/** What a client is told of a fault of ours; the log has the rest. */
export const internalError = (): Refusal =>
  new Refusal(500, 'InternalError', 'Internal error occurred: see the log of the embedded cluster');
