/** Why something that was asked of a file failed, in a few words. */
export function reasonOf(cause: unknown): string {
  const code = codeOf(cause);
  return (code !== undefined && reasons[code]) || (cause instanceof Error ? cause.message : String(cause));
}

/** Whether the system refused; anything else that is thrown is a bug. */
export const isSystemError = (cause: unknown): cause is Error =>
  cause instanceof Error && 'syscall' in cause && codeOf(cause) !== undefined;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of its path is a file and no folder',
  EEXIST: 'a file stands where a folder is due',
  EACCES: 'permission denied',
  EPERM: 'it is not permitted',
  EISDIR: 'it is a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the quota is used up',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'links lead in a circle',
  EIO: 'the disk fails',
};

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
