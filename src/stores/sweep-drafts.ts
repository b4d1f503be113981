import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { countOf } from '../core/plural.ts'
import { displayPath } from '../migrations/files/folder.ts'
import { readDeclarationDocument } from './declare/read-declarations.ts'

/** Files that a run of wwdb writes under another name first, and that stay where it is killed. */
interface Drafts {
  /** The folder of the project; absolute. */
  readonly root: string
  /** Where they are; absolute. */
  readonly directory: string
  /** Their whole names. */
  readonly names: readonly RegExp[]
  /** True for what a run that wrote such a file had written by then; never asked for what is larger than a declaration. */
  readonly isOwn: (text: string) => boolean
  /** True where a run may have written all of its text, of which nothing else may have a copy. */
  readonly isReadable: (text: string) => boolean
  readonly now: number
}

/** Milliseconds. A run has such a file for less than a second; one that was paused for longer finds it gone, and ends before it has removed anything. */
const oldest = 86_400_000

/** No declaration is larger. */
const largest = 4 * 1024 * 1024

/**
 * Removes what killed runs left unfinished a day ago or before, and names what can be read. A file of a person stays: its name, its kind or its content is another one.
 * @returns a sentence for each; empty where there was nothing
 */
export function sweepDrafts({ root, directory, names, isOwn, isReadable, now }: Drafts): readonly string[] {
  const left = listNames(directory).flatMap((name) => {
    const text = names.some((own) => own.test(name)) ? readLeft(join(directory, name), now) : null
    return text !== null && isOwn(text) ? [{ name, isKept: isReadable(text) && isAlone(join(directory, name)) }] : []
  })
  const kept = left.filter(({ isKept }) => isKept)
  const swept = left.filter(({ name, isKept }) => !isKept && isRemoved(join(directory, name)))
  const folder = displayPath(root, directory)
  const list = (of: typeof left): string => of.map(({ name }) => `\`${name}\``).join(', ')
  return [
    ...(swept.length === 0
      ? []
      : [
          `Removed ${countOf(swept.length, 'file')} that killed runs had not finished from \`${folder}\`: ${list(swept)}.`,
        ]),
    ...(kept.length === 0
      ? []
      : [
          `Killed runs left ${countOf(kept.length, 'file')} in \`${folder}\` that can be read: ${list(kept)}. Check that each is complete and let its name end in \`.yaml\`, or remove it.`,
        ]),
  ]
}

/** True for a text that ends with its line and can be read: only a person can tell whether it was cut between two lines. */
export function isReadableDeclaration(text: string): boolean {
  const document = readDeclarationDocument(text, 'left.yaml')
  return text.endsWith('\n') && 'value' in document && document.value !== null && typeof document.value === 'object'
}

/** A folder that is missing, or that cannot be read, is the business of whoever writes into it. */
function listNames(directory: string): readonly string[] {
  return attempt(() => readdirSync(directory).toSorted()) ?? []
}

/** The text of a file that was left long ago; null for any other. */
function readLeft(path: string, now: number): string | null {
  return attempt(() => {
    const found = lstatSync(path)
    const isOld = found.isFile() && found.size <= largest && now - found.mtimeMs > oldest
    return isOld ? readFileSync(path, 'utf8') : null
  })
}

/** False where the file has its final name as well: the run was killed when it had given it. */
function isAlone(path: string): boolean {
  return attempt(() => lstatSync(path).nlink === 1) === true
}

/** Another run may have been faster. */
function isRemoved(path: string): boolean {
  return (
    attempt(() => {
      rmSync(path)
      return true
    }) === true
  )
}

/** What cannot be looked at or removed stays: it stops no run. */
function attempt<Value>(work: () => Value): Value | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null
    throw error
  }
}
