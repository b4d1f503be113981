import type { ErrorCode } from '../../core/error-codes.ts'
import { ToolError } from '../../core/tool-error.ts'

/** The content at the address is not what was written there. */
export function archiveBroken(address: string, why: string, cause?: unknown): ToolError {
  return new ToolError(
    'ARCHIVE_BROKEN',
    {
      what: `The archive ${address} is damaged.`,
      where: { file: address },
      why,
      next: 'Restore the file from a backup. If its shard is still on hold, remove the folder of this archive: `wwdb rotate run` then notices that it is missing, and the run after that writes it again from the table.',
    },
    { cause },
  )
}

export function archiveMissing(address: string): ToolError {
  return new ToolError('ARCHIVE_MISSING', {
    what: `The archive ${address} does not exist.`,
    where: { file: address },
    next: 'Check that `rotation.archive` is the folder that it was written to and that the disk is mounted, or restore it from a backup.',
  })
}

/** A name that must not become part of a path. */
export function nameRefused(name: string, why: string): ToolError {
  return new ToolError('ARCHIVE_NAME', {
    what: `${JSON.stringify(name.slice(0, 100))} cannot be the name of an archive's folder or file.`,
    why,
    next: 'Use names of letters, digits, `_`, `$` and `-` for schemas, families and shards that are archived.',
  })
}

interface Reason {
  readonly code: ErrorCode
  readonly what: string
  readonly next: string
}

const reasons: Readonly<Record<string, Reason>> = {
  ENOSPC: {
    code: 'ARCHIVE_NO_SPACE',
    what: 'There is no space left on the disk of the archives.',
    next: 'Free some space, or set `rotation.archive` to a folder on a larger disk, then run the command again: nothing was dropped.',
  },
  EDQUOT: {
    code: 'ARCHIVE_NO_SPACE',
    what: 'The disk quota for archives is used up.',
    next: 'Increase the quota, or set `rotation.archive` to another folder, then run the command again: nothing was dropped.',
  },
  EFBIG: {
    code: 'ARCHIVE_NO_SPACE',
    what: 'The archive exceeds the maximum file size.',
    next: 'Increase the limit of the user that runs wwdb (ulimit -f) or of the file system, then run the command again: nothing was dropped.',
  },
  EACCES: {
    code: 'ARCHIVE_DENIED',
    what: 'Permission denied on the archive folder.',
    next: 'Give the user that runs wwdb read and write permission (the folders are created with mode 0700), then run the command again.',
  },
  EROFS: {
    code: 'ARCHIVE_DENIED',
    what: 'The disk of the archives is mounted read-only.',
    next: 'Mount it read-write, or set `rotation.archive` to another folder, then run the command again.',
  },
  ENOTDIR: {
    code: 'ARCHIVE_DENIED',
    what: 'A file is where a folder of the archives should be.',
    next: 'Move the file away, or set `rotation.archive` to another folder, then run the command again.',
  },
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

export function isFileMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

/** Turns a file system error into a sentence; passes on existing sentences, and defects. */
export function translateFileError(error: unknown, path: string): unknown {
  const code = codeOf(error)
  if (error instanceof ToolError || !(error instanceof Error) || code === null || !('syscall' in error)) return error
  const reason = reasons[code === 'EPERM' ? 'EACCES' : code] ?? {
    code: 'ARCHIVE_FILE',
    what: 'The file system refused an operation on the archive.',
    next: 'Check the disk of the archives, then run the command again: nothing was dropped.',
  }
  const fault = { what: reason.what, where: { file: path }, why: error.message, next: reason.next }
  return new ToolError(reason.code, fault, { cause: error })
}
