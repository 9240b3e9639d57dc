// All that the rest of the embedded cluster uses of the kinds: their table, and what holds for every kind.
export type { Kind, ResourceType, TableColumn, Verb } from './kind.ts';
export {
  CONFIG_MAPS,
  EVENTS,
  JOBS,
  LEASES,
  NAMESPACES,
  NODES,
  PODS,
  SERVICE_ACCOUNTS,
} from './resource-types.ts';
export { KINDS, kindOf } from './registry.ts';
export { parseLabelSelector } from './label-selector.ts';
export { parseFieldSelector } from './field-selector.ts';
export { applyPatch, isApplyPatch, unsupportedPatchType } from './patch.ts';
export { checkBounds, checkText, MAX_JSON_BYTES, tooLarge } from './json-bounds.ts';
export { decode, decodePatched, type FieldValidation } from './decode.ts';
export { fromProtobuf, PROTOBUF } from './protobuf.ts';
export { dropUnknown } from './prune.ts';
export { jsonType, typeError } from './type-errors.ts';
export { unknownFields } from './unknown-fields.ts';
export { tableOf, type Table, type TableOptions, type TableRow } from './table.ts';
export { partialMetadataListOf, partialMetadataOf } from './partial-metadata.ts';
export {
  aggregatedDiscovery,
  apiGroup,
  apiGroups,
  apiResources,
  apiVersions,
  versionInfo,
} from './discovery.ts';
export { openApiV2 } from './openapi-v2.ts';
export { openApiV3, openApiV3Index } from './openapi-v3.ts';
