import { displayPath } from '../migrations/files/folder.ts'
import type { PreparedStore, StoreRun, StoreSession } from './contract.ts'
import type { RemovedDeclarations } from './declare-removed.ts'
import type { WriteText } from './durable-files.ts'
import type { NotDeclarable } from './import-items.ts'
import { losesMore, storeChanged } from './plan-again.ts'
import {
  findSameChange,
  isSameResource,
  type StoreChange,
  type StoreLossCode,
  type StorePlan,
  type StoreResource,
} from './store-plan.ts'
import { removedFolder, removedHead, sweepRemovedFolder, tryRemovedFolder, writeRemoved } from './write-removed.ts'

interface KeepingPlace {
  /** The folder of the project; absolute. */
  readonly root: string
  readonly run: Pick<StoreRun, 'now' | 'report'>
  /** Default: that of Node. */
  readonly write?: WriteText
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

/** What a plan with removals has found. */
interface Planned {
  readonly removals: readonly StoreChange[]
  readonly found: RemovedDeclarations
}

function keeping(session: StoreSession, { root, run, write }: KeepingPlace): StoreSession {
  let planned: Planned | null = null
  // What the first plan under the lock has found, about which a person is asked.
  let shown: Planned | null = null
  // The plan that was made again before the first removal: its numbers count from then on.
  let again: StorePlan | null = null
  let isLocked = false
  return {
    ...session,
    lock: async (wait) => {
      isLocked = await session.lock(wait)
      for (const swept of isLocked ? sweepRemovedFolder(root, run.now()) : []) run.report(swept)
      return isLocked
    },
    plan: async () => {
      const plan = await session.plan()
      const removals = plan.changes.filter(isRemoval)
      again = null
      planned = removals.length === 0 ? null : { removals, found: await declare(session, removals) }
      if (planned === null) return plan
      if (isLocked) shown ??= planned
      // Only a run that may remove something makes a folder.
      if (isLocked && planned.found.text !== null) tryRemovedFolder(root)
      return explain(plan, planned.found)
    },
    apply: async (change) => {
      if (isRemoval(change) && again === null) {
        const asked = shown ?? planned
        if (asked === null) throw new Error(`${change.summary} is not planned`)
        again = await planAgain(session, asked)
        keep(asked.found)
      }
      await session.apply(again === null ? change : findAgain(again, change))
    },
  }

  function keep(found: RemovedDeclarations): void {
    if (found.text !== null) {
      const text = render(session, found, run.now())
      const variables = found.variables.map(({ variable }) => variable)
      const file = { root, store: session.store, text, variables, now: run.now() }
      const shown = displayPath(root, write === undefined ? writeRemoved(file) : writeRemoved(file, write))
      run.report(
        `What is removed is declared in \`${shown}\`: \`wwdb setup restore ${session.store} ${shown}\` brings it back.`,
      )
    }
    for (const { resource, without } of found.incomplete) {
      run.report(`Not kept of ${resource.kind} \`${resource.name}\`: ${without.join(', ')}.`)
    }
    for (const { resource, why } of found.lost) {
      run.report(`Removed without a way back: ${resource.kind} \`${resource.name}\`. ${why}`)
    }
  }
}

function declare(session: StoreSession, removals: readonly StoreChange[]): Promise<RemovedDeclarations> {
  return session.declareRemoved(removals.map(({ resource }) => resource))
}

/** A question may stay open for hours: what was shown must still be what is removed, and what the file declares. */
async function planAgain(session: StoreSession, { removals, found }: Planned): Promise<StorePlan> {
  const plan = await session.plan()
  const isPlanned = (removal: StoreChange): boolean =>
    plan.changes.some((one) => isRemoval(one) && isSameResource(one.resource, removal.resource))
  const missing = removals.find((removal) => !isPlanned(removal))
  if (missing !== undefined) throw storeChanged(plan, 'removed', `\`${missing.summary}\` is not planned any more.`)
  const { text, lost } = await declare(session, removals)
  const wasLost = (resource: StoreResource): boolean => found.lost.some((one) => isSameResource(one.resource, resource))
  if (text === found.text && lost.every(({ resource }) => wasLost(resource))) return plan
  throw storeChanged(plan, 'removed', 'A declaration of what is to be removed is another one by now.')
}

/** The same change of the newer plan. */
function findAgain(plan: StorePlan, change: StoreChange): StoreChange {
  const found = findSameChange(
    plan.changes.filter(({ action }) => action === change.action),
    change,
  )
  if (found === undefined) throw storeChanged(plan, 'removed', `\`${change.summary}\` is not planned any more.`)
  if (!isRemoval(found) && losesMore(found, [change]))
    throw storeChanged(plan, 'removed', `\`${change.summary}\` would remove something else than was shown.`)
  return found
}

/** A setting that a declaration resets is no removal: the declaration says so. Neither is a part of what stays. */
function isRemoval({ action, loss }: StoreChange): boolean {
  return action === 'remove' && loss !== null && !ofAnotherWay.has(loss.code)
}

/** What stays is not made again, and an index that a reindex replaced was kept for its own time: a declaration would make an empty one. */
const ofAnotherWay: ReadonlySet<StoreLossCode> = new Set(['removed-additions', 'removed-index'])

function explain(plan: StorePlan, { lost, variables, declared, incomplete }: RemovedDeclarations): StorePlan {
  const changes = plan.changes.map((change) => {
    if (!isRemoval(change) || change.loss === null) return change
    const isIt = (one: { readonly resource: StoreResource }): boolean => isSameResource(one.resource, change.resource)
    const why = lost.find(isIt)?.why ?? null
    const without = incomplete.find(isIt)?.without ?? []
    const code = why === null && without.length === 0 ? change.loss.code : 'removed-for-good'
    const way = sayWay(why, variables.find(isIt)?.variable ?? null, without)
    return { ...change, loss: { ...change.loss, code, why: `${change.loss.why} ${way}` } }
  })
  const note = `Before the first removal, ${declared.length} of ${declared.length + lost.length} that are removed are declared in a file below \`${removedFolder}\`, for \`wwdb setup restore\`.`
  return { ...plan, changes, notes: declared.length === 0 ? plan.notes : [...plan.notes, note] }
}

/** @param variable of its password; null where it has none */
function sayWay(why: string | null, variable: string | null, without: readonly string[]): string {
  if (why !== null) return `It does not come back by \`wwdb setup restore\`: ${why}`
  const rest = without.length === 0 ? [] : [`What does not come back: ${without.join(', ')}.`]
  if (variable === null) return rest[0] ?? 'A declaration of it makes it again.'
  const back = `\`wwdb setup restore\` brings it back with the password that \`${variable}\` has then: the one of now is not kept.`
  return [back, ...rest].join(' ')
}

/** The declarations, with what a person has to know of them first. */
function render(
  { store, server, backfill }: StoreSession,
  { text, lost, variables, declared, incomplete }: RemovedDeclarations,
  now: number,
): string {
  const time = new Date(now).toISOString()
  const hasTasks = backfill !== undefined && declared.some(({ kind }) => kind === 'task')
  const sayLost = ({ resource, why }: NotDeclarable): string => `#   ${resource.kind} ${resource.name}: ${oneLine(why)}`
  return [
    `${removedHead}${store} at ${server}, ${time}.`,
    '# `wwdb setup restore` makes what is missing of it again, under the prefix of the environment that it is given.',
    ...(variables.length === 0 ? [] : ['# Passwords are not kept. Set before that:']),
    ...variables.map(({ variable, resource }) => `#   ${variable} (${resource.kind} ${resource.name})`),
    ...(hasTasks
      ? [
          '# A task computes nothing until it is back. Once the folder declares a downsampling again, compute what is missing:',
          `#   wwdb setup backfill TASK --start ${time.slice(0, 19)}Z`,
        ]
      : []),
    ...incomplete.map(
      ({ resource, without }) => `# Not kept of ${resource.kind} ${resource.name}: ${oneLine(without.join(', '))}`,
    ),
    ...(lost.length === 0 ? [] : ['# Removed as well, and not declared here:', ...lost.map(sayLost)]),
    `${text}`,
  ].join('\n')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
