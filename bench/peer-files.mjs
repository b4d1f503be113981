import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The up parts of a folder in order, as the scripts of peers read them.
 * @param {string} folder
 */
export async function listUpFiles(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.up.sql')).sort()
  return names.map((name) => ({ name, read: () => readFile(join(folder, name), 'utf8') }))
}
