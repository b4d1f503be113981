import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { displayPath } from '../migrations/files/folder.ts'
import type { PreparedStore, StoreRun, StoreSession } from './contract.ts'
import type { RemovedDeclarations } from './declare-removed.ts'
import type { NotDeclarable } from './import-items.ts'
import type { StoreChange, StorePlan, StoreResource } from './store-plan.ts'

/** Where declarations of what was removed are kept, below the folder of a project. */
const folder = join('.wwdb', 'removed')

interface KeepingPlace {
  /** The folder of the project; absolute. */
  readonly root: string
  readonly run: Pick<StoreRun, 'now' | 'report'>
}

/**
 * The same store, of which a run with `prune` first writes what it removes into a file, as declarations. A plan says of each removal whether it can come back, so that a
 * person is asked with that in view.
 */
export function keepRemoved(prepared: PreparedStore, place: KeepingPlace): PreparedStore {
  return {
    ...prepared,
    open: async (options) => {
      const session = await prepared.open(options)
      return options?.prune === true ? keeping(session, place) : session
    },
  }
}

function keeping(session: StoreSession, { root, run }: KeepingPlace): StoreSession {
  let found: RemovedDeclarations | null = null
  let isWritten = false
  return {
    ...session,
    plan: async () => {
      const plan = await session.plan()
      const removals = plan.changes.filter(isRemoval)
      found = removals.length === 0 ? null : await session.declareRemoved(removals.map(({ resource }) => resource))
      isWritten = false
      return found === null ? plan : explain(plan, found)
    },
    apply: async (change) => {
      if (isRemoval(change) && !isWritten) {
        if (found === null) throw new Error(`${change.summary} is not planned`)
        if (found.text !== null) {
          const file = displayPath(
            root,
            writeRemoved(root, session.store, render(session, found, run.now()), run.now()),
          )
          run.report(
            `What is removed is declared in \`${file}\`: \`wwdb setup restore ${session.store} ${file}\` brings it back.`,
          )
        }
        isWritten = true
      }
      await session.apply(change)
    },
  }
}

/** A setting that a declaration resets is no removal: the declaration says so. */
function isRemoval({ action, loss }: StoreChange): boolean {
  return action === 'remove' && loss !== null
}

function explain(plan: StorePlan, { lost, variables, declared }: RemovedDeclarations): StorePlan {
  const secretOf = (resource: StoreResource): string | null =>
    variables.find((one) => isSame(one.resource, resource))?.variable ?? null
  const changes = plan.changes.map((change) => {
    if (!isRemoval(change) || change.loss === null) return change
    const why = lost.find((one) => isSame(one.resource, change.resource))?.why
    const variable = secretOf(change.resource)
    const more =
      why !== undefined
        ? ` It does not come back by \`wwdb setup restore\`: ${why}`
        : variable === null
          ? ''
          : ` \`wwdb setup restore\` brings it back with the password that \`${variable}\` has then: the one of now is not kept.`
    return { ...change, loss: { ...change.loss, why: `${change.loss.why}${more}` } }
  })
  const note = `Before the first removal, ${declared.length} of ${declared.length + lost.length} that are removed are declared in a file below \`${folder}\`, for \`wwdb setup restore\`.`
  return { ...plan, changes, notes: declared.length === 0 ? plan.notes : [...plan.notes, note] }
}

function isSame(one: StoreResource, other: StoreResource): boolean {
  return one.kind === other.kind && one.name === other.name
}

/** The declarations, with what a person has to know of them first. */
function render({ store, server }: StoreSession, { text, lost, variables }: RemovedDeclarations, now: number): string {
  const sayLost = ({ resource, why }: NotDeclarable): string => `#   ${resource.kind} ${resource.name}: ${oneLine(why)}`
  return [
    `# What \`wwdb setup apply --prune\` was about to remove from ${store} at ${server}, ${new Date(now).toISOString()}.`,
    '# `wwdb setup restore` makes what is missing of it again, under the prefix of the environment that it is given.',
    ...(variables.length === 0 ? [] : ['# Passwords are not kept. Set before that:']),
    ...variables.map(({ variable, resource }) => `#   ${variable} (${resource.kind} ${resource.name})`),
    ...(lost.length === 0 ? [] : ['# Removed as well, and not declared here:', ...lost.map(sayLost)]),
    `${text}`,
  ].join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

/** Writes a new file that a crash of the machine does not take away: the file and its folder are synced to disk. @returns its path */
function writeRemoved(root: string, store: string, text: string, now: number): string {
  const directory = join(root, folder)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  for (let number = 1; ; number += 1) {
    const path = join(directory, `${store}-${stamp}${number === 1 ? '' : `-${number}`}.yaml`)
    const file = openNew(path)
    if (file === null) continue
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    for (const one of [directory, join(directory, '..'), root]) syncFolder(one)
    return path
  }
}

function openNew(path: string): number | null {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null
    throw error
  }
}

/** The name of a new file is in its folder, which Windows does not let a program open or sync. */
function syncFolder(directory: string): void {
  let handle: number | null = null
  try {
    handle = openSync(directory, 'r')
    fsyncSync(handle)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && unsupported.has(error.code))) throw error
  } finally {
    if (handle !== null) closeSync(handle)
  }
}

const unsupported: ReadonlySet<unknown> = new Set(['EACCES', 'EINVAL', 'EISDIR', 'EPERM'])
