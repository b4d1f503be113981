import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
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
}

/** The batches of a migration whose rows are kept, newest first, so that one undoes what it did last. Throws ToolError `UNDO_REFUSED`. */
export async function findKeptBatches({ targets }: OpenTargets, version: string): Promise<readonly KeptBatch[]> {
  const found: KeptBatch[] = []
  for (const target of targets) {
    const { session } = target
    // What an earlier question began would hide what was written since.
    await session.rollback()
    const own = (await readUndoRecords(session)).filter((one) => isOf(one, version))
    for (const record of own.toReversed()) {
      const why = await refuse(target, record)
      if (why !== null) throw undoRefused(target, record, why)
      found.push({ target, record, counts: await countRows(target, record) })
    }
  }
  if (found.length > 0) return found
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

function undoRefused({ session }: OpenTarget, record: UndoRecord, why: string): ToolError {
  const { database, server } = session.target
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
export async function countRows({ session }: OpenTarget, { name, kept }: UndoRecord): Promise<KeptBatch['counts']> {
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

/** Puts back what can be, under the locks. @param confirm asks before, with what was counted under the locks */
export async function undoBatches(
  context: Context,
  config: Config,
  open: OpenTargets,
  request: { readonly version: string; readonly confirm: (batches: readonly KeptBatch[]) => Promise<void> },
): Promise<readonly KeptBatch[]> {
  let governors: Governors | null = null
  try {
    const { targets } = await lockTargets({ config, emit: context.emit, stop: context.stop }, open)
    const batches = await findKeptBatches({ ...open, targets }, request.version)
    if (batches.every(({ counts }) => counts.ready === 0)) {
      await recordEnds(batches)
      return batches
    }
    await request.confirm(batches)
    governors = await openGovernors(context, config)
    const { putBackRows } = await import('./put-back-rows.ts')
    for (const { target, record } of batches) {
      const governor = governors?.of(target.session.target) ?? null
      await putBackRows({ session: target.session, record, governor, emit: context.emit, stop: context.stop })
    }
    return await Promise.all(
      batches.map(async (batch) => ({ ...batch, counts: await countRows(batch.target, batch.record) })),
    )
  } finally {
    await governors?.close()
    await unlockTargets(open.targets)
  }
}
