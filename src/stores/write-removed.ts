import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { storeKinds } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { displayPath } from '../migrations/files/folder.ts'
import { readDeclarationFile } from './declare/read-declarations.ts'
import { codeOf, syncFolder, type WriteText, writeNew } from './durable-files.ts'
import { isReadableDeclaration, sweepDrafts } from './sweep-drafts.ts'

/** Where declarations of what was removed are kept, below the folder of a project. */
export const removedFolder = join('.wwdb', 'removed')

/** How each of them begins. */
export const removedHead = '# What `wwdb setup apply --prune` was about to remove from '

export interface RemovedFile {
  /** The folder of the project; absolute. */
  readonly root: string
  readonly store: string
  readonly text: string
  /** The variables that the text names. */
  readonly variables: readonly string[]
  readonly now: number
}

/** Shows that a file can be written, before anybody is asked about a removal. Throws ToolError `STORE_REMOVED_FILE`. */
export function tryRemovedFolder(root: string): void {
  const path = join(root, removedFolder, `.try-${randomUUID()}`)
  explaining(root, path, () => {
    makeFolder(root)
    try {
      writeNew(path, trial, writeFileSync, ownerOnly)
    } finally {
      rmSync(path, { force: true })
    }
  })
}

/** Removes what killed runs left unfinished in the folder long ago, and says so; a file that can be read is named. */
export function sweepRemovedFolder(root: string, now: number): readonly string[] {
  // A run may be killed anywhere in its text.
  const isOwn = (text: string): boolean =>
    trial.startsWith(text) || removedHead.startsWith(text) || text.startsWith(removedHead)
  const isReadable = (text: string): boolean => text.startsWith(removedHead) && isReadableDeclaration(text)
  const directory = join(root, removedFolder)
  return sweepDrafts({ root, directory, names: [trialName, partName], isOwn, isReadable, now })
}

const trial = 'wwdb\n'
const trialName = /^\.try-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
const partName = new RegExp(
  `^\\.(?:${storeKinds.join('|')})-\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}-\\d{2}-\\d{3}Z-\\d+\\.part$`,
)

/**
 * Writes a new file that a crash of the machine does not take away: under another name first, so that a file with its name is whole, then read again as a restore reads it.
 * Throws ToolError `STORE_REMOVED_FILE`, before anything is removed.
 * @returns its path
 */
export function writeRemoved(
  { root, store, text, variables, now }: RemovedFile,
  write: WriteText = writeFileSync,
): string {
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  const directory = join(root, removedFolder)
  const nameOf = (number: number): string =>
    join(directory, `${store}-${stamp}${number === 1 ? '' : `-${number}`}.yaml`)
  return explaining(root, nameOf(1), () => {
    makeFolder(root)
    for (let number = 1; ; number += 1) {
      const path = nameOf(number)
      const part = join(directory, `.${store}-${stamp}-${number}.part`)
      if (existsSync(path) || !writeNew(part, text, write, ownerOnly)) continue
      // Another run may have named its file in between; while this one has the part, none does.
      if (existsSync(path)) {
        rmSync(part, { force: true })
        continue
      }
      try {
        mustReadBack(root, part, text, variables)
        renameSync(part, path)
      } catch (error) {
        rmSync(part, { force: true })
        throw error
      }
      for (const one of [directory, join(directory, '..'), root]) syncFolder(one)
      return path
    }
  })
}

/** The rights of a file that may name what nobody else needs to know. */
const ownerOnly = 0o600

function makeFolder(root: string): void {
  mkdirSync(join(root, removedFolder), { recursive: true, mode: 0o700 })
}

/** A full disk can take a part of it without an error, and a restore must be able to read it. */
function mustReadBack(root: string, path: string, text: string, variables: readonly string[]): void {
  const values = Object.fromEntries(variables.map((name) => [name, 'a value']))
  if (readFileSync(path, 'utf8') !== text) throw notKept(root, path, 'The disk has not taken all of it.', others.next)
  const { faults } = readDeclarationFile(path, { root, variables: values }, Number.POSITIVE_INFINITY)
  const [first] = faults
  if (first !== undefined) {
    throw notKept(root, path, `wwdb cannot read it again: ${first.what}`, 'Please report this as a defect of wwdb.')
  }
}

function explaining<Answer>(root: string, path: string, work: () => Answer): Answer {
  try {
    return work()
  } catch (error) {
    const code = codeOf(error)
    if (error instanceof ToolError || !(error instanceof Error) || code === null || !('syscall' in error)) throw error
    const { why, next } = reasons[code] ?? others
    throw notKept(root, path, `${why} (${error.message})`, next, error)
  }
}

interface Reason {
  readonly why: string
  readonly next: string
}

const others: Reason = {
  why: 'The file system refused an operation.',
  next: 'Check the disk of the project, then run the command again.',
}

const full: Reason = {
  why: 'There is no space left on its disk.',
  next: 'Free some space, then run the command again.',
}

const denied: Reason = {
  why: 'The user that runs wwdb may not write there.',
  next: 'Give that user the right to write into `.wwdb/removed` of the project, then run the command again.',
}

const reasons: Readonly<Record<string, Reason>> = {
  ENOSPC: full,
  EDQUOT: { ...full, why: 'The disk quota is used up.' },
  EACCES: denied,
  EPERM: denied,
  EROFS: {
    why: 'Its disk is mounted read-only.',
    next: 'Mount a volume that can be written at `.wwdb/removed` of the project, then run the command again.',
  },
  EEXIST: { why: 'A file is where a folder should be.', next: 'Move it away, then run the command again.' },
  ENOTDIR: { why: 'A file is where a folder should be.', next: 'Move it away, then run the command again.' },
}

function notKept(root: string, path: string, why: string, next: string, cause?: Error): ToolError {
  return new ToolError(
    'STORE_REMOVED_FILE',
    {
      what: 'The file that brings back what `--prune` removes cannot be written, so nothing is removed.',
      where: { file: displayPath(root, path) },
      why,
      next,
    },
    cause === undefined ? {} : { cause },
  )
}
