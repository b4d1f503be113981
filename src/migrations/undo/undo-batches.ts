import type { Context } from '../../command/context.ts'
import type { RunEvent } from '../../command/event.ts'
import type { Config } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { KeyValue } from '../../operate/batches/key-range.ts'
import type { Governors } from '../../operate/governors.ts'
import { openGovernors } from '../../operate/governors.ts'
import { whyNotPutBack } from '../../operate/undo/kept.ts'
import { countStates, type KeptState } from '../../operate/undo/put-back.ts'
import { recordUndone, type UndoRecord } from '../../operate/undo/undo-record.ts'
import { noChange } from '../journal/rows.ts'
import { lockTargets, unlockTargets } from '../locking.ts'
import type { OpenTarget, OpenTargets } from '../targets.ts'
import { readUndoRecords } from './read-records.ts'

/** One batch that can be undone, and what has become of its rows. */
export interface KeptBatch {
  readonly target: OpenTarget
  readonly record: UndoRecord
  readonly counts: Readonly<Record<KeptState, number>>
  /** Behind an attempt: the first of the rows that the server refused. */
  readonly refusedKeys?: readonly KeyValue[]
}

/** One that cannot be undone, or is over. */
export interface RefusedBatch {
  readonly target: OpenTarget
  readonly record: UndoRecord
  readonly why: string
}

export interface FoundBatches {
  readonly batches: readonly KeptBatch[]
  readonly refused: readonly RefusedBatch[]
}

/** Whether all its rows are put back. */
export const isOver = ({ state, rows, undone }: UndoRecord): boolean => state === 'undone' && undone >= rows

/**
 * The batches of a migration whose rows are kept, newest first, so that one undoes what it did last. One that cannot be undone does not stop the others. Throws
 * ToolError `UNDO_REFUSED` where there is none that can be.
 */
export async function findKeptBatches({ targets }: OpenTargets, version: string): Promise<FoundBatches> {
  const batches: KeptBatch[] = []
  const refused: RefusedBatch[] = []
  for (const target of targets) {
    const { session } = target
    // What an earlier question began would hide what was written since.
    await session.rollback()
    const own = (await readUndoRecords(session.readRows)).filter((one) => isOf(one, version))
    for (const record of own.toReversed()) {
      const why = await refuse(target, record)
      if (why === null) batches.push({ target, record, counts: await countRows(target, record) })
      else refused.push({ target, record, why })
    }
    // No snapshot is held during the question.
    await session.rollback()
  }
  if (batches.length > 0) return { batches, refused }
  const first = refused.find(({ record }) => !isOver(record)) ?? refused[0]
  if (first !== undefined) throw undoRefused(first)
  throw new ToolError('UNDO_REFUSED', {
    what: `No batch of a migration ${version} has kept rows.`,
    why: 'Rows are kept by a batch with the line `-- wwdb:undo`, until `wwdb held --drop` drops them.',
    next: 'See `wwdb held` for what is kept.',
  })
}

/** On a shard it is the version of the migration and the key of the shard: `20260101000000/7`, which names that shard alone. */
function isOf(record: UndoRecord, version: string): boolean {
  const [own = ''] = record.version.split('/')
  return record.version === version || compareVersions(own, version) === 0
}

async function refuse({ session }: OpenTarget, record: UndoRecord): Promise<string | null> {
  if (record.state === 'keeping') return 'The batch is not complete: what its next chunks change would be left.'
  if (!record.isThere) return `The table \`${record.name}\` with its rows does not exist.`
  const { schema, table } = record.kept
  return whyNotPutBack(await session.readBatchTable({ schema, name: table }), record.kept)
}

function undoRefused({ target, record, why }: RefusedBatch): ToolError {
  const { database, server } = target.session.target
  return new ToolError('UNDO_REFUSED', {
    what: `The batch of statement ${record.statement + 1} of ${record.version} on \`${record.kept.table}\` cannot be undone.`,
    where: { database, server },
    why,
    next:
      record.state === 'keeping'
        ? 'Run `wwdb migrate` until it is complete; or give it up with `wwdb repair --not-run`, and run its migration in another form.'
        : `Put the rows back by hand: \`${record.name}\` has them in its columns \`before_1\`, ..., whose comments name those of the table.`,
  })
}

/** How many rows are in each state. */
async function countRows({ session }: OpenTarget, { name, kept }: UndoRecord): Promise<KeptBatch['counts']> {
  const rows = await session.readRows(countStates(name, kept))
  const of = (state: KeptState): number => Number(rows.find(([one]) => one === state)?.[1] ?? 0)
  return {
    undone: of('undone'),
    ready: of('ready'),
    changed: of('changed'),
    gone: of('gone'),
    taken: of('taken'),
  }
}

/** A run that was killed behind its last chunk has not recorded its end. */
async function recordEnds(batches: readonly KeptBatch[]): Promise<void> {
  for (const { target, record, counts } of batches) {
    if (record.state !== 'kept' || counts.undone === 0) continue
    await target.session.run(recordUndone(record.name))
    await target.session.writeJournal(noChange)
  }
}

const isSameTable = (one: KeptBatch, other: KeptBatch): boolean =>
  one.target === other.target &&
  one.record.kept.schema === other.record.kept.schema &&
  one.record.kept.table === other.record.kept.table

/** For the record of the run. @param left null where the run ends before they are counted */
function undoneEvent({ target, record }: KeptBatch, rows: number, left: number | null): RunEvent {
  const { version, statement, kept } = record
  const how = kept.verb === 'INSERT' ? 'removed' : 'put back'
  const at = { target: target.session.target, migration: version, statement: statement + 1, table: kept.table }
  return { type: 'batch-undone', ...at, how, rows, left }
}

/** Whether a batch is counted behind another one of its table, which is put back first: more of its rows can be then. */
export const isCountedAgain = (batch: KeptBatch, batches: readonly KeptBatch[]): boolean =>
  batches.slice(0, batches.indexOf(batch)).some((one) => isSameTable(one, batch))

/**
 * Puts back what can be, under the locks. @param confirm asks before, with what was counted under the locks, and again where more of a batch can be put back once the
 * later ones of its table are
 */
export async function undoBatches(
  context: Context,
  config: Config,
  open: OpenTargets,
  request: { readonly version: string; readonly confirm: (batches: readonly KeptBatch[]) => Promise<void> },
): Promise<FoundBatches> {
  let governors: Governors | null = null
  try {
    const { targets } = await lockTargets({ config, emit: context.emit, stop: context.stop }, open)
    await Promise.all(targets.map(({ session }) => session.recorded?.()))
    const found = await findKeptBatches({ ...open, targets }, request.version)
    const { batches } = found
    if (batches.every(({ counts }) => counts.ready === 0)) {
      await recordEnds(batches)
      return found
    }
    await request.confirm(batches)
    governors = await openGovernors(context, config)
    const { putBackRows } = await import('./put-back-rows.ts')
    const done: (KeptBatch & { readonly rows: number })[] = []
    for (const batch of batches) {
      const { target, record, counts: told } = batch
      const { session } = target
      if (isCountedAgain(batch, batches)) {
        const counts = await countRows(target, record)
        await session.rollback()
        if (counts.ready > told.ready) await request.confirm([{ ...batch, counts }])
      }
      const governor = governors?.of(session.target) ?? null
      let rows = 0
      const committed = (more: number): void => {
        rows += more
      }
      const { emit, stop } = context
      try {
        const refusedKeys = await putBackRows({ session, record, governor, emit, stop, committed })
        done.push({ ...batch, refusedKeys, rows })
      } catch (error) {
        if (rows > 0) emit(undoneEvent(batch, rows, null))
        throw error
      }
    }
    const ends: KeptBatch[] = []
    for (const batch of done) {
      const counts = await countRows(batch.target, batch.record)
      ends.push({ ...batch, counts })
      const left = counts.ready + counts.changed + counts.gone + counts.taken
      context.emit(undoneEvent(batch, batch.rows, left))
    }
    return { ...found, batches: ends }
  } finally {
    await governors?.close()
    await unlockTargets(open.targets)
  }
}
