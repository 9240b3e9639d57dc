// $(NAME) in command, args and env, as the kubelet expands it (k8s.io/kubernetes/third_party/forked/golang/expansion).
// No IO.

/** `$(NAME)`, `$$`, or a dollar sign that is just one. */
const REFERENCE = /\$(?:\$|\(([^)]*)\))/g;

/** `$$` becomes `$`; a `$(NAME)` that `valueOf` does not know stays as it is. Nothing is expanded twice. */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replace(REFERENCE, (whole: string, name: string | undefined) =>
    name === undefined ? '$' : (valueOf(name) ?? whole),
  );
}
