// Reads kubeconfig files: one, or several merged as kubectl merges $KUBECONFIG. Says what is wrong in one line.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';

/** The cluster's configuration cannot be used as it is: the message says what was expected and what is there. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

const text = z.string().nullish();
const listOf = <T extends z.ZodType>(entry: T) =>
  z
    .array(entry)
    .nullish()
    .transform((entries) => entries ?? []);

const clusterEntry = z.looseObject({
  name: z.string(),
  cluster: z.looseObject({ server: z.string(), 'certificate-authority': text, 'proxy-url': text }),
});
const userEntry = z.looseObject({
  name: z.string(),
  user: z
    .looseObject({
      'client-certificate': text,
      'client-key': text,
      tokenFile: text,
      exec: z.looseObject({ command: z.string() }).nullish(),
    })
    .nullish(),
});
const contextEntry = z.looseObject({
  name: z.string(),
  context: z.looseObject({ cluster: z.string(), user: text, namespace: text }),
});

const document = z.looseObject({
  'current-context': text,
  clusters: listOf(clusterEntry),
  users: listOf(userEntry),
  contexts: listOf(contextEntry),
});

export type KubeConfigDocument = z.infer<typeof document>;
type ClusterEntry = KubeConfigDocument['clusters'][number];
type UserEntry = KubeConfigDocument['users'][number];

/**
 * The file, or several with path.delimiter between: the first to name an entry wins, and those that are missing are passed
 * over as long as one is there. Every path in the result is absolute.
 * @throws KubeConfigError
 */
export function readKubeConfig(fileOrFiles: string): KubeConfigDocument {
  const files = fileOrFiles.split(path.delimiter).filter((file) => file !== '');
  const documents: KubeConfigDocument[] = [];
  let missing: KubeConfigError | undefined;
  for (const file of files) {
    try {
      documents.push(parseDocument(file, readFileSync(file, 'utf8')));
    } catch (error) {
      if (error instanceof KubeConfigError) throw error;
      if (!isMissing(error)) throw unreadable(file, error);
      missing ??= unreadable(file, error);
    }
  }
  if (documents.length === 0)
    throw missing ?? new KubeConfigError('expected the path of a kubeconfig, got ""');
  return {
    'current-context': documents.map((one) => one['current-context']).find((name) => name != null),
    clusters: firstOfEach(documents.flatMap((one) => one.clusters)),
    users: firstOfEach(documents.flatMap((one) => one.users)),
    contexts: firstOfEach(documents.flatMap((one) => one.contexts)),
  };
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

export const unreadable = (file: string, cause: unknown): KubeConfigError =>
  new KubeConfigError(`cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });

function firstOfEach<T extends { name: string }>(entries: T[]): T[] {
  return entries.filter((entry, at) => entries.findIndex(({ name }) => name === entry.name) === at);
}

function parseDocument(file: string, content: string): KubeConfigDocument {
  const parsed = document.safeParse(parseYaml(file, content));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.map(String).join('.');
    throw new KubeConfigError(
      `${file} is no kubeconfig: ${where ? `${where}: ` : ''}${issue?.message ?? ''}`,
    );
  }
  const folder = path.dirname(path.resolve(file));
  const { clusters, users } = parsed.data;
  return {
    ...parsed.data,
    clusters: clusters.map((entry) => clusterIn(folder, entry)),
    users: users.map((entry) => userIn(folder, entry)),
  };
}

function parseYaml(file: string, content: string): unknown {
  try {
    return parse(content);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    const [firstLine] = cause.message.split('\n');
    throw new KubeConfigError(`${file} is not valid YAML: ${firstLine ?? ''}`, { cause });
  }
}

/** An absolute path when there is one; null and "" are as good as absent. */
const located = (folder: string, file: string | null | undefined): string | undefined =>
  file ? path.resolve(folder, file) : undefined;

function clusterIn(folder: string, { name, cluster }: ClusterEntry): ClusterEntry {
  const authority = located(folder, cluster['certificate-authority']);
  return { name, cluster: { ...cluster, 'certificate-authority': authority } };
}

function userIn(folder: string, { name, user }: UserEntry): UserEntry {
  if (!user) return { name, user };
  const { tokenFile, exec, ...rest } = user;
  const file = located(folder, tokenFile);
  return {
    name,
    user: {
      ...rest,
      'client-certificate': located(folder, user['client-certificate']),
      'client-key': located(folder, user['client-key']),
      // client-node knows a token file by another name; as in kubectl it wins over a token beside it.
      ...(file && { 'auth-provider': { name: 'tokenFile', config: { tokenFile: file } }, token: undefined }),
      // A bare name is looked up in $PATH, a path counts from the file.
      ...(exec && {
        exec: {
          ...exec,
          command: exec.command.includes('/') ? path.resolve(folder, exec.command) : exec.command,
        },
      }),
    },
  };
}
