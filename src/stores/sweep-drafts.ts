import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { countOf } from '../core/plural.ts'
import { displayPath } from '../migrations/files/folder.ts'

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
  readonly now: number
}

/** Milliseconds. A run has such a file for less than a second; one that was paused for longer finds it gone, and ends before it has removed anything. */
const oldest = 86_400_000

/** No declaration is larger. */
const largest = 4 * 1024 * 1024

/**
 * Removes what killed runs left a day ago or before. A file of a person stays: its name, its kind or its content is another one.
 * @returns a sentence that says so; null where there was nothing
 */
export function sweepDrafts({ root, directory, names, isOwn, now }: Drafts): string | null {
  const swept = listNames(directory).filter((name) => {
    const path = join(directory, name)
    return names.some((own) => own.test(name)) && isLeft(path, isOwn, now) && isRemoved(path)
  })
  if (swept.length === 0) return null
  const shown = swept.map((name) => `\`${name}\``).join(', ')
  const what = `${countOf(swept.length, 'file')} that killed runs had not finished`
  return `Removed ${what} from \`${displayPath(root, directory)}\`: ${shown}.`
}

/** A folder that is missing, or that cannot be read, is the business of whoever writes into it. */
function listNames(directory: string): readonly string[] {
  return attempt(() => readdirSync(directory).toSorted()) ?? []
}

function isLeft(path: string, isOwn: Drafts['isOwn'], now: number): boolean {
  const left = attempt(() => {
    const found = lstatSync(path)
    return found.isFile() && found.size <= largest && now - found.mtimeMs > oldest && isOwn(readFileSync(path, 'utf8'))
  })
  return left === true
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
