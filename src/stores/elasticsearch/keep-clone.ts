import { setTimeout as pause } from 'node:timers/promises'
import { formatDuration } from '../../core/duration.ts'
import { groupDigits } from '../../core/plural.ts'
import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { setAside } from './moves.ts'
import type { ElasticsearchDriver } from './ports.ts'
import { cloneTooSlow, cloneUnassigned, copyFailed, type Named } from './reindex-errors.ts'
import { cloneMark, isCloneOf, type Move } from './reindex-ports.ts'

type Context = StoreContext<Declaration, ElasticsearchDriver>

interface Keeping {
  readonly move: Move
  readonly check: () => Promise<void>
  readonly note: (move: Move) => Promise<void>
}

/** Milliseconds between two looks at a clone, for how long no node may begin to make it, and for how long one may copy its files: writes are refused all along. */
const [poll, placing, copying] = [100, 10_000, 600_000]

/**
 * Keeps the documents of an index that the switch removes, as its name becomes an alias. Its writes are blocked. A clone that a killed run left is
 * made anew, as writes were allowed since.
 */
export async function keepClone(context: Context, named: Named, { move, check, note }: Keeping): Promise<void> {
  const { copy } = context.driver
  const { source, clone } = move
  if (clone === null) return
  if ((await copy.readIndex(source))?.uuid !== move.sourceUuid) {
    throw copyFailed(named, `Index ${source} is another one than when the reindex began`)
  }
  const left = await copy.readIndex(clone)
  if (left !== null && !isCloneOf(move, left)) throw isTaken(named, clone)
  await check()
  if (left !== null) await context.driver.remove('index', clone)
  await copy.cloneIndex(source, clone, cloneMark(move))
  await waitForClone(context, named, { clone, check }).catch(async (error: unknown) => {
    await removeClone(context, move, clone).catch(() => undefined)
    throw error
  })
  const made = await copy.readIndex(clone)
  if (made === null || !isCloneOf(move, made)) throw isTaken(named, clone)
  await note({ ...move, cloneUuid: made.uuid })
  const actions = [{ remove: { index: clone, alias: cloneMark(move) } }]
  await context.driver.write({ type: 'change-alias', name: cloneMark(move), actions })
  await setAside(context, clone)
  const [has, kept] = [await copy.count(source, null), await copy.count(clone, null)]
  if (has === kept) return
  throw copyFailed(named, `Its clone ${clone} has ${groupDigits(kept)} of ${groupDigits(has)} documents`)
}

/** A clone shares the files of its index, or the server copies them: then it takes as long as they are large. */
async function waitForClone(
  { driver }: Context,
  named: Named,
  { clone, check }: Pick<Keeping, 'check'> & { readonly clone: string },
): Promise<void> {
  const begun = performance.now()
  for (let placed = begun; ; ) {
    const state = await driver.copy.readClone(clone)
    if (state.type === 'there') return
    const now = performance.now()
    if (state.type === 'copying') placed = now
    else if (now - placed > placing) {
      throw cloneUnassigned(named, clone, await driver.copy.explainClone(clone, state.shard))
    }
    if (now - begun > copying) throw cloneTooSlow(named, clone, formatDuration(copying))
    await check()
    await pause(poll)
  }
}

async function removeClone({ driver }: Context, move: Move, clone: string): Promise<void> {
  const found = await driver.copy.readIndex(clone)
  if (found !== null && isCloneOf(move, found)) await driver.remove('index', clone)
}

/** @throws ToolError before anything is copied, where the clone could not be made in the end. */
export async function requireFreeName({ driver }: Context, named: Named, move: Move): Promise<void> {
  if (move.clone === null) return
  const found = await driver.copy.readIndex(move.clone)
  if (found !== null && !isCloneOf(move, found)) throw isTaken(named, move.clone)
}

function isTaken(named: Named, clone: string) {
  return copyFailed(
    named,
    `Index ${clone}, under whose name the documents of ${named.source} would be kept, exists already`,
    `Remove it if nobody needs it (\`DELETE /${clone}\`), then run the command again.`,
  )
}
