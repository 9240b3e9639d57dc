// Why a Job has no pod: what its FailedCreate event says, as a sentence. No IO.

/** The words are Kubernetes' own, and no API contract: what is not known here comes as it is. */
export function refusalSentence(message: string): string {
  const why = message.replace(/^Error creating: /, '').replace(/^pods "[^"]*" is forbidden: /, '');
  for (const [form, sentence] of FORMS) {
    const found = form.exec(why);
    if (found) return sentence(found);
  }
  return `its pod is refused: ${why}`;
}

const FORMS: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  // ResourceQuota: several resources are separated by "," alone, the parts by ", ".
  [
    /^exceeded quota: (\S+), (requested: \S+, used: \S+, limited: \S+)$/,
    ([, name = '', amounts = '']) => `quota ${name} is used up (${amounts})`,
  ],
  [
    /^violates PodSecurity "([^":]*)[^"]*": (.+)$/s,
    ([, level = '', breaches = '']) => `PodSecurity ${level} refuses its pod: ${breaches}`,
  ],
  [
    /^error looking up service account [^:]*: serviceaccount "([^"]*)" not found$/,
    ([, name = '']) => `service account ${name} not found`,
  ],
];
