// How the kubelet expands references in command, args and env: the reference that manifests are tested against.
// The rule is that of k8s.io/kubernetes/third_party/forked/golang/expansion.

/** $(NAME) is the variable's value, or stays when there is none; $$ is a $; any other $ stays. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  let expanded = '';
  let rest = text;
  for (;;) {
    const dollar = rest.indexOf('$');
    if (dollar < 0 || dollar === rest.length - 1) return expanded + rest;
    expanded += rest.slice(0, dollar);
    const after = rest.slice(dollar + 1);
    const close = after.startsWith('(') ? after.indexOf(')') : -1;
    if (close > 0) {
      const name = after.slice(1, close);
      expanded += Object.hasOwn(variables, name) ? (variables[name] ?? '') : `$(${name})`;
      rest = after.slice(close + 1);
    } else {
      // "$$" is an escaped "$"; "$(" without an end and "$x" stay as they are.
      expanded += after.startsWith('$') ? '$' : `$${after.slice(0, 1)}`;
      rest = after.slice(1);
    }
  }
}

export type Variable = { name: string; value?: string };

/** The environment of a container: each value sees the variables before it. */
export function environmentOf(variables: readonly Variable[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name, value = '' } of variables) environment[name] = expand(value, environment);
  return environment;
}
