// How strategic merge patches merge the lists of the served kinds: x-kubernetes-patch-strategy and -merge-key of Kubernetes'
// OpenAPI, which the client's models do not have. Constants only.

export interface PatchStrategy {
  /** Lists of objects are merged by this key; without one, lists of plain values are joined. */
  mergeKey?: string;
  /** What a $retainKeys directive does not name goes. */
  retainKeys?: true;
}

const CONTAINER = {
  env: { mergeKey: 'name' },
  ports: { mergeKey: 'containerPort' },
  volumeDevices: { mergeKey: 'devicePath' },
  volumeMounts: { mergeKey: 'mountPath' },
};

/** By model, then field. A list that is not here is replaced as a whole. */
const STRATEGIES: Record<string, Record<string, PatchStrategy>> = {
  V1ObjectMeta: { finalizers: {}, ownerReferences: { mergeKey: 'uid' } },
  V1PodSpec: {
    containers: { mergeKey: 'name' },
    ephemeralContainers: { mergeKey: 'name' },
    hostAliases: { mergeKey: 'ip' },
    imagePullSecrets: { mergeKey: 'name' },
    initContainers: { mergeKey: 'name' },
    resourceClaims: { mergeKey: 'name', retainKeys: true },
    schedulingGates: { mergeKey: 'name' },
    topologySpreadConstraints: { mergeKey: 'topologyKey' },
    volumes: { mergeKey: 'name', retainKeys: true },
  },
  V1Container: CONTAINER,
  V1EphemeralContainer: CONTAINER,
  V1JobStatus: { conditions: { mergeKey: 'type' } },
  V1PodStatus: {
    conditions: { mergeKey: 'type' },
    hostIPs: { mergeKey: 'ip' },
    podIPs: { mergeKey: 'ip' },
    resourceClaimStatuses: { mergeKey: 'name', retainKeys: true },
  },
  V1ContainerStatus: {
    allocatedResourcesStatus: { mergeKey: 'name' },
    volumeMounts: { mergeKey: 'mountPath' },
  },
  V1NodeSpec: { podCIDRs: {} },
  V1NodeStatus: { addresses: { mergeKey: 'type' }, conditions: { mergeKey: 'type' } },
  V1NamespaceStatus: { conditions: { mergeKey: 'type' } },
  V1ServiceAccount: { secrets: { mergeKey: 'name' } },
};

/** undefined: the list is atomic. */
export const patchStrategyOf = (model: string, field: string): PatchStrategy | undefined =>
  STRATEGIES[model]?.[field];
