import { setTimeout as pause } from 'node:timers/promises'
import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import type { ElasticsearchDriver, ServerWrite } from './ports.ts'
import { copyFailed } from './reindex-errors.ts'
import {
  type CopyDriver,
  type CopyTask,
  cloneMark,
  isCloneOf,
  isCopyOf,
  type Move,
  type Moves,
  noMoves,
  type SeriesName,
} from './reindex-ports.ts'

type Context = StoreContext<Declaration, ElasticsearchDriver>

/** Milliseconds between two looks at a task: the first one, and the longest. */
const [firstPoll, longestPoll] = [100, 2000]

/** Searches of `*` find an index and its copy otherwise, and templates that match every name apply to the copy. */
export const hidden = { 'index.hidden': true } as const

export async function readMoves(driver: ElasticsearchDriver, prefix: string, name: string): Promise<Moves> {
  return (await driver.copy.readMoves(prefix, [name])).get(name) ?? noMoves
}

/** The index that the data stream or alias leads to, or that has the name; null where it leads to both or to neither. */
export async function readHolder(
  driver: CopyDriver,
  { series, name, source, copy }: SeriesName & Pick<Move, 'source' | 'copy'>,
): Promise<'source' | 'copy' | null> {
  const held = await driver.listIndices({ series, name })
  const [hasSource, hasCopy] = [held.includes(source), held.includes(copy)]
  if (hasSource === hasCopy) return null
  return hasSource ? 'source' : 'copy'
}

/** Ends the tasks that copy into an index, except for one: those that a killed run started and could not note down. */
export async function endTasks(
  driver: ElasticsearchDriver,
  copy: string,
  except: string | null,
  check: () => Promise<void>,
): Promise<void> {
  for (let wait = firstPoll; ; wait = Math.min(2 * wait, longestPoll)) {
    const others = (await driver.copy.listTasks(copy)).filter((task) => task !== except)
    if (others.length === 0) return
    await check()
    for (const task of others) await driver.copy.cancelTask(task)
    await pause(wait)
  }
}

/** Waits for a task. @param onLook after each look at one that runs: a rejection ends the waiting */
export async function waitForTask(
  { copy }: ElasticsearchDriver,
  task: string,
  onLook: (now: Extract<CopyTask, { readonly type: 'running' }>) => Promise<void>,
): Promise<Exclude<CopyTask, { readonly type: 'running' }>> {
  for (let wait = firstPoll; ; wait = Math.min(2 * wait, longestPoll)) {
    const now = await copy.readTask(task)
    if (now.type !== 'running') return now
    await onLook(now)
    await pause(wait)
  }
}

/** No policy deletes an index that another one replaced before a person does, and no search of all names finds it. */
export async function setAside({ driver }: Context, index: string): Promise<void> {
  const body = { ...hidden, 'index.lifecycle.name': null, 'index.lifecycle.rollover_alias': null }
  await driver.write({ type: 'put-settings', index, body, changesPolicy: true })
}

/** The index whose place a copy has taken, or its clone, takes no writes and is kept, unless it is another one by now. */
export async function setReplacedAside(context: Context, move: Move): Promise<Moves['kept']> {
  const { driver, run } = context
  const old = await driver.copy.readIndex(move.clone ?? move.source)
  if (old === null || old.uuid !== (move.clone === null ? move.sourceUuid : move.cloneUuid)) return []
  await driver.copy.blockWrites(old.name)
  await setAside(context, old.name)
  return [{ index: old.name, uuid: old.uuid, replacedBy: move.copy, since: run.now() }]
}

/** Only the answer to a block that is new says that no write is under way: one that was there before is lifted first. */
export async function blockAnew(driver: CopyDriver, index: string): Promise<boolean> {
  if (await driver.blockWrites(index)) return true
  await driver.allowWrites(index)
  return driver.blockWrites(index)
}

/**
 * Gives a reindex up whose declaration was taken back: the index is as it was, its copy is removed. An index that only has the name of one of them, or
 * that an alias leads to, is left alone. Where the index is gone, its clone is kept, and the copy goes only where that was asked.
 */
export async function abandonCopy(context: Context, name: string, isLast = false): Promise<void> {
  const { driver, prefix, server } = context
  const moves = await readMoves(driver, prefix, name)
  const { move } = moves
  if (move === null) return
  await endTasks(driver, move.copy, null, async () => {})
  const source = await driver.copy.readIndex(move.source)
  const isSourceThere = source?.uuid === move.sourceUuid
  const copy = await driver.copy.readIndex(move.copy)
  const isOurs = isCopyOf(move, copy) && copy?.aliases.length === 0
  if (isOurs && !isSourceThere && !isLast) {
    const why = `Index ${move.source} is gone, and ${move.copy} may be the last place of its documents`
    throw copyFailed({ server, name, ...move }, why, 'Run `wwdb setup plan`: it shows what is to be done now.')
  }
  if (isSourceThere && !move.isBlocked) await driver.copy.allowWrites(move.source)
  const kept = await settleClone(context, move, isSourceThere)
  if (isOurs) await driver.remove('index', move.copy)
  await driver.copy.writeMoves(prefix, name, { ...moves, move: null, kept: [...moves.kept, ...kept] })
}

/** Of an index that is still there, a clone has nothing else; of one that is gone, it may be all that is left. */
async function settleClone(context: Context, move: Move, isSourceThere: boolean): Promise<Moves['kept']> {
  const { driver, run } = context
  const clone = move.clone === null ? null : await driver.copy.readIndex(move.clone)
  if (clone === null || !isCloneOf(move, clone)) return []
  if (isSourceThere) {
    await driver.remove('index', clone.name)
    return []
  }
  const mark = cloneMark(move)
  const actions = [{ remove: { index: clone.name, alias: mark } }]
  if (clone.aliases.includes(mark)) await driver.write({ type: 'change-alias', name: mark, actions })
  await setAside(context, clone.name)
  return [{ index: clone.name, uuid: clone.uuid, replacedBy: move.copy, since: run.now() }]
}

/** Removes an index that was kept after its reindex, unless it was made anew or has an alias again. */
export async function removeKept(
  { driver, prefix }: Context,
  { name, index }: Extract<ServerWrite, { readonly type: 'remove-kept' }>,
): Promise<void> {
  const moves = await readMoves(driver, prefix, name)
  const kept = moves.kept.find((one) => one.index === index)
  const found = await driver.copy.readIndex(index)
  if (found !== null && found.uuid === kept?.uuid && found.aliases.length === 0) await driver.remove('index', index)
  await driver.copy.writeMoves(prefix, name, { ...moves, kept: moves.kept.filter((one) => one.index !== index) })
}
