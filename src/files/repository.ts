import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/**
 * Where a folder lies in its git repository: `services/shop`; empty at its root, and outside of one. Read from the file system: git need not be
 * installed.
 */
export function folderInRepository(folder: string): string {
  let here: string
  try {
    here = realpathSync(folder)
  } catch {
    return ''
  }
  for (let top = here; ; top = dirname(top)) {
    // A file in place of the folder in a linked work tree and in a submodule.
    if (existsSync(join(top, '.git'))) return relative(top, here).split(sep).join('/')
    if (dirname(top) === top) return ''
  }
}
