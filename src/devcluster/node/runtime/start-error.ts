// Why a process could not be started, in the words of a real node. No IO.

/** The process could not be started: the kubelet's StartError. The message is what a pod's status says. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly why: string;

  constructor(why: string) {
    // containerd and runc each wrap it once more; callers take the reason out of these very words.
    super(
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
        `unable to start container process: ${why}: unknown`,
    );
    this.why = why;
  }
}

/** What a process needs is not to be had now. Nothing of it has run. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENOEXEC: 'exec format error',
  E2BIG: 'argument list too long',
  EAGAIN: 'resource temporarily unavailable',
  ENOMEM: 'cannot allocate memory',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files in system',
  ETXTBSY: 'text file busy',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  EFBIG: 'file too large',
  EIO: 'input/output error',
};

/** Go's text for an error of the system. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
