import { randomUUID } from 'node:crypto'
import { linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, syncFolder, writeNew } from './durable-files.ts'
import { isReadableDeclaration, sweepDrafts } from './sweep-drafts.ts'

/** Gives a file a second name, which nothing has. */
type LinkFile = (from: string, to: string) => void

/**
 * Writes a new declaration, whole or not at all: half a file that a killed import left would be read as all that there is to declare, or keep the folder from being read.
 * A crash of the machine does not take it away. Overwrites nothing: where there is a file of that name, the new one gets a number.
 * @returns its path
 */
export function writeDeclaration(directory: string, name: string, text: string, link: LinkFile = linkSync): string {
  const draft = join(directory, `.import-${randomUUID()}.part`)
  try {
    writeNew(draft, text, writeFileSync)
    const path = firstFree(directory, name, (one) => !isTaken(one) && tryLink(draft, one, link))
    syncFolder(directory)
    return path
  } finally {
    rmSync(draft, { force: true })
  }
}

/** A path in the folder that nothing has. */
export function freeName(directory: string, name: string): string {
  return firstFree(directory, name, (path) => !isTaken(path))
}

/** Each path is tried once: what is refused by the file system as taken must end no run in a loop. */
function firstFree(directory: string, name: string, isFree: (path: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const path = join(directory, `${number === 1 ? name : `${name}-${number}`}.yaml`)
    if (isFree(path)) return path
  }
}

/** A link has its name, also where what it names does not exist. */
function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** False where another import was faster. */
function tryLink(draft: string, path: string, link: LinkFile): boolean {
  try {
    link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!withoutLinks.has(codeOf(error))) throw error
    // A run that is killed here leaves a part: such a file system has no other way to give a name that is free, and only then.
    return writeNew(path, readFileSync(draft, 'utf8'), writeFileSync)
  }
}

/** What file systems answer that have one name for each file; Windows says EISDIR. */
const withoutLinks: ReadonlySet<string | null> = new Set(['EISDIR', 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'])

/** Removes what killed imports left unfinished in the folder long ago, and says so; a file that can be read is named. */
export function sweepDeclarations(root: string, directory: string, now: number): readonly string[] {
  const names = [/^\.import-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.part$/]
  return sweepDrafts({ root, directory, names, isOwn: () => true, isReadable: isReadableDeclaration, now })
}
