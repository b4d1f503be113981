import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs'

/** Writes a whole text to an open file. */
export type WriteText = (file: number, text: string) => void

/**
 * Writes and syncs a file that does not exist yet; false where it does.
 * @param mode what the umask of the process narrows
 */
export function writeNew(path: string, text: string, write: WriteText, mode = 0o666): boolean {
  const file = openNew(path, mode)
  if (file === null) return false
  try {
    try {
      write(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
  return true
}

function openNew(path: string, mode: number): number | null {
  try {
    return openSync(path, 'wx', mode)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return null
    throw error
  }
}

/** The name of a new file is in its folder, which Windows does not let a program open or sync. */
export function syncFolder(directory: string): void {
  let handle: number | null = null
  try {
    handle = openSync(directory, 'r')
    fsyncSync(handle)
  } catch (error) {
    if (!unsupported.has(codeOf(error))) throw error
  } finally {
    if (handle !== null) closeSync(handle)
  }
}

const unsupported: ReadonlySet<string | null> = new Set(['EACCES', 'EINVAL', 'EISDIR', 'EPERM'])

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
