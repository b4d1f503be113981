import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/**
 * SHA-256 (hex) of every file below some folders, names included. For deciding whether something made from them is still what
 * they say: a file that does not matter costs a rebuild, one that is overlooked would cost the truth.
 * @param folders absolute paths, each under the name that it has for the project
 */
export function checksumFolders(folders: ReadonlyMap<string, string>): string {
  const whole = createHash('sha256')
  const buffer = Buffer.allocUnsafe(mostAtOnce)
  for (const [name, folder] of folders) {
    for (const file of listFiles(folder)) {
      whole.update(JSON.stringify([name, file, checksumFile(join(folder, file), buffer)]))
    }
  }
  return whole.digest('hex')
}

function listFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

/** So much of a file is in memory at a time. Files are small as a rule: a stream for each would take most of the time. */
const mostAtOnce = 256 * 1024

function checksumFile(path: string, buffer: Buffer): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer))
      hash.update(buffer.subarray(0, length))
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
