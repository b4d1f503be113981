import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sweepDrafts } from './sweep-drafts.ts'

/** Gives a file a second name, which nothing has. */
type LinkFile = (from: string, to: string) => void

/**
 * Writes a new declaration, whole or not at all: half a file that a killed import left would be read as all that there is to declare, or keep the folder from being read.
 * Overwrites nothing: where there is a file of that name, the new one gets a number.
 * @returns its path
 */
export function writeDeclaration(directory: string, name: string, text: string, link: LinkFile = linkSync): string {
  const draft = join(directory, `.import-${randomUUID()}.part`)
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    for (;;) {
      const path = freeName(directory, name)
      if (tryLink(draft, path, link)) return path
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** A path in the folder that nothing has. */
export function freeName(directory: string, name: string): string {
  for (let number = 1; ; number += 1) {
    const path = join(directory, `${number === 1 ? name : `${name}-${number}`}.yaml`)
    if (!existsSync(path)) return path
  }
}

/** False where another import was faster. */
function tryLink(draft: string, path: string, link: LinkFile): boolean {
  try {
    link(draft, path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EEXIST') return false
    if (!withoutLinks.has(code)) throw error
    renameSync(draft, path)
  }
  return true
}

/** What file systems answer that have one name for each file. */
const withoutLinks: ReadonlySet<unknown> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'])

/** Removes what killed imports left in the folder long ago, and says so; null where there was nothing. */
export function sweepDeclarations(root: string, directory: string, now: number): string | null {
  const names = [/^\.import-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.part$/]
  return sweepDrafts({ root, directory, names, isOwn: () => true, now })
}
