import { countOf, groupDigits } from '../../core/plural.ts'
import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { blockAnew, endTasks, readMoves, setAside, waitForTask } from './moves.ts'
import type { ElasticsearchDriver, ServerWrite } from './ports.ts'
import { copyFailed, copyStopped, type Named } from './reindex-errors.ts'

type Context = StoreContext<Declaration, ElasticsearchDriver>
type Merge = Extract<ServerWrite, { readonly type: 'merge' }>

/**
 * Copies what only an older index of an alias has into the index that the alias writes to, and takes the older one out of the alias: then a document that is updated exists
 * once. What the newer index has stays as it is there. Each step may be done again, so the run after one that was killed only looks where the alias leads.
 */
export async function mergeIndex(context: Context, wish: Merge): Promise<void> {
  const { name, source, into } = wish
  const { copy } = context.driver
  const named: Named = { server: context.server, name, source, copy: into }
  const held = await copy.listIndices({ series: 'alias', name })
  if (!held.includes(source)) return
  if (!held.includes(into)) throw copyFailed(named, `Alias ${name} does not lead to ${into} any more`, planAgain)
  try {
    // Its documents are the last state of those that were not written since: nothing may change them any more.
    if (!(await blockAnew(copy, source))) throw copyFailed(named, `Another program blocks ${source}, too`)
    await copyMissing(context, wish, named)
    await keep(context, wish)
  } catch (error) {
    await copy.allowWrites(source).catch(() => undefined)
    throw error
  }
  await copy.leaveAlias({ series: 'alias', name }, source, into)
}

const planAgain = 'Run `wwdb setup plan`: it shows what is to be done now.'

/** A task that a killed run left copies the same: it is ended, as nobody knows whether it has seen everything. */
async function copyMissing({ driver, run }: Context, { source, into, rate }: Merge, named: Named): Promise<void> {
  const check = async (): Promise<void> => {
    if (run.stop.requested) throw copyStopped(named, null)
  }
  await endTasks(driver, into, null, check)
  const count = await driver.copy.count(source, null)
  const task = await driver.copy.start({ source, copy: into, only: 'missing', rate, slices: 1 })
  const end = await waitForTask(driver, task, () =>
    check().catch(async (error: unknown) => {
      await driver.copy.cancelTask(task)
      throw error
    }),
  )
  if (end.type === 'gone')
    throw copyFailed(named, 'The node that copied ended', 'Run the command again: it begins again.')
  if (end.type === 'failed') throw copyFailed(named, end.why)
  if (end.copied < count)
    throw copyFailed(named, `${source} has ${countOf(count, 'document')}, the task saw ${groupDigits(end.copied)}`)
  run.report(`${countOf(count, 'document')} of \`${source}\` are in \`${into}\` or were there before.`)
}

/** Noted down before it leaves the alias, and counts only once it has. */
async function keep(context: Context, { name, source, into }: Merge): Promise<void> {
  const { driver, prefix, run } = context
  const old = await driver.copy.readIndex(source)
  if (old === null) return
  await setAside(context, source)
  const moves = await readMoves(driver, prefix, name)
  const others = moves.kept.filter(({ index }) => index !== source)
  const kept = { index: source, uuid: old.uuid, replacedBy: into, since: run.now() }
  await driver.copy.writeMoves(prefix, name, { ...moves, kept: [...others, kept] })
}
