// Why a Job has no pod, as its FailedCreate event says, or is refused itself: as a sentence. No IO.

/** The words are Kubernetes' own, and no API contract: what is not known here comes as it is. */
export function refusalSentence(message: string): string {
  const why = message.replace(/^Error creating: /, '').replace(/^pods "[^"]*" is forbidden: /, '');
  const quota = quotaSentence(why);
  if (quota !== undefined) return quota;
  for (const [form, sentence] of FORMS) {
    const found = form.exec(why);
    if (found) return sentence(found);
  }
  return `its pod is refused: ${why}`;
}

/** Which ResourceQuota is used up, when `message` says that one is; of a pod's creation or a Job's. */
export function quotaSentence(message: string): string | undefined {
  const [, name, amounts] = QUOTA.exec(message) ?? [];
  return name && amounts && `quota ${name} is used up (${amounts})`;
}

// Several resources are separated by "," alone, the parts by ", ".
const QUOTA = /\bexceeded quota: (\S+), (requested: \S+, used: \S+, limited: \S+)$/;

const FORMS: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  [
    /^violates PodSecurity "([^":]*)[^"]*": (.+)$/s,
    ([, level = '', breaches = '']) => `PodSecurity ${level} refuses its pod: ${breaches}`,
  ],
  [
    /^error looking up service account [^:]*: serviceaccount "([^"]*)" not found$/,
    ([, name = '']) => `service account ${name} not found`,
  ],
];
