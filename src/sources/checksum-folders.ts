import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * SHA-256 (hex) of every file below some folders, names included. For deciding whether something made from them is still what
 * they say: a file that does not matter costs a rebuild, one that is overlooked would cost the truth.
 * @param folders absolute paths, each under the name that it has for the project
 */
export async function checksumFolders(folders: ReadonlyMap<string, string>): Promise<string> {
  const whole = createHash('sha256')
  for (const [name, folder] of folders) {
    for (const file of listFiles(folder)) {
      whole.update(JSON.stringify([name, file, await checksumFile(join(folder, file))]))
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

async function checksumFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
