// What `import … from 'portico'` has: the client.
export { NoAnswerError, PorticoError, RefusedError } from './errors.ts';
export {
  type CallOptions,
  PorticoClient,
  type PorticoClientOptions,
  type WaitOptions,
} from './portico-client.ts';
export type * from './types.ts';
