// Jobs that have no pod, as a Kubernetes 1.36 showed them.
import type { WaitingSituation } from './situation.ts';

export const noPod: readonly WaitingSituation[] = [
  { situation: 'a pod that is not created yet', sentence: 'its pod is not created yet' },
  { situation: 'a Job that is suspended', suspended: true, sentence: 'its Job is suspended' },
  {
    situation: 'a quota that is used up',
    events: [
      [
        'FailedCreate',
        'Error creating: pods "x-vfzsg" is forbidden: exceeded quota: jobs, requested: pods=1, used: pods=0, limited: pods=0',
      ],
    ],
    sentence: 'quota jobs is used up (requested: pods=1, used: pods=0, limited: pods=0)',
  },
  {
    situation: 'PodSecurity that refuses the pod',
    events: [
      [
        'FailedCreate',
        'Error creating: pods "psa-pjkpf" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true), allowPrivilegeEscalation != false (container "job" must set securityContext.allowPrivilegeEscalation=false)',
      ],
    ],
    sentence:
      'PodSecurity restricted refuses its pod: host namespaces (hostNetwork=true), allowPrivilegeEscalation != false (container "job" must set securityContext.allowPrivilegeEscalation=false)',
  },
  {
    situation: 'a service account that is not there',
    events: [
      [
        'FailedCreate',
        'Error creating: pods "nosa-" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
      ],
    ],
    sentence: 'service account robot not found',
  },
  {
    situation: 'a LimitRange, of two refusals the latest',
    events: [
      ['FailedCreate', 'Error creating: pods "x-" is forbidden: no PriorityClass with name high was found'],
      [
        'FailedCreate',
        'Error creating: pods "limit-n94q5" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
      ],
    ],
    sentence: 'its pod is refused: maximum cpu usage per Container is 1, but limit is 2',
  },
  {
    situation: 'an admission webhook that does not answer',
    events: [['FailedCreate', 'Error creating: Internal error occurred: failed calling webhook "x": EOF']],
    sentence: 'its pod is refused: Internal error occurred: failed calling webhook "x": EOF',
  },
];
