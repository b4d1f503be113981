import { migrationLabel } from '../../core/migration-label.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { BatchTable } from '../../operate/batches/batch-table.ts'
import { chooseKey } from '../../operate/batches/choose-key.ts'
import { readWalk } from '../../operate/batches/read-walk.ts'
import { startPace } from '../../operate/batches/steer.ts'
import { chooseKept } from '../../operate/undo/choose-kept.ts'
import type { Statement } from '../../sql/statement.ts'
import { summarizeStatement } from '../../sql/statement.ts'
import { refusedNext, refusedUndoNext } from '../execute/batch-failures.ts'
import type { JournalRow } from '../journal/journal.ts'
import type { BatchPlan, Step } from '../plan.ts'
import type { Session } from '../ports.ts'

/** A statement of the plan, with the row of a run that stopped in it. */
interface Planned {
  readonly step: Step
  readonly statement: Statement
  readonly row: JournalRow | null
}

interface PlannedBatches {
  readonly batches: ReadonlyMap<Step, ReadonlyMap<number, BatchPlan>>
  /** What cannot run in batches on its table: a run stops before its first statement. */
  readonly failures: readonly Fault[]
}

/**
 * How statements below `-- wwdb:batch` will be walked. A table that an earlier statement of the plan creates or changes is judged when the batch runs, and so are
 * shards.
 */
export async function planBatches(session: Session, planned: readonly Planned[]): Promise<PlannedBatches> {
  const batches = new Map<Step, Map<number, BatchPlan>>()
  const failures: Fault[] = []
  const changed = new Set<string>()
  for (const one of planned) {
    const { step, statement } = one
    if (statement.class === 'definition') for (const { name } of statement.objects) changed.add(name.toLowerCase())
    if (statement.batch === undefined) continue
    const found = await judge(session, one, changed)
    if ('what' in found) failures.push(found)
    else {
      const own = batches.get(step) ?? new Map<number, BatchPlan>()
      batches.set(step, own.set(statement.index, found))
    }
  }
  return { batches, failures }
}

async function judge(
  session: Session,
  { step, statement, row }: Planned,
  changed: ReadonlySet<string>,
): Promise<BatchPlan | Fault> {
  const { batch } = statement
  const reading = readWalk(statement.text)
  if (reading.type === 'refused' || batch === undefined) return fault(step, statement, session, readWhy(reading))
  const { walk } = reading
  const standing = row?.batch === undefined || row.batch.chunks === 0 ? null : row.batch
  const done = standing === null ? {} : { done: { rows: standing.rows, chunks: standing.chunks } }
  const unknown: BatchPlan = { table: walk.table.name, key: null, rows: null, chunks: null, ...done }
  if (step.fanOut !== undefined || step.migration.shards !== undefined) return unknown
  if (changed.has(walk.table.name.toLowerCase())) return unknown
  const table: BatchTable | null = await session.readBatchTable(walk.table)
  if (table === null) return unknown
  const isKnown = walk.into !== undefined && !changed.has(walk.into.name.toLowerCase())
  const into = isKnown ? await session.readBatchTable(walk.into) : null
  const choice = chooseKey(table, walk, batch, standing, into)
  if (choice.type === 'refused') return fault(step, statement, session, choice.why)
  // A table that the plan itself makes or changes is judged when the batch runs.
  const isJudged = batch.undo !== undefined && (walk.into === undefined || into !== null)
  const kept = isJudged ? chooseKept({ table, into }, walk, choice.key) : null
  if (kept?.type === 'refused') return fault(step, statement, session, kept.why, refusedUndoNext)
  const { size } = startPace(batch)
  return { ...unknown, key: choice.key.index, rows: table.rows, chunks: Math.ceil(table.rows / size) }
}

function readWhy(reading: ReturnType<typeof readWalk>): string {
  return reading.type === 'refused' ? reading.why : ''
}

function fault({ migration }: Step, statement: Statement, { target }: Session, why: string, next = refusedNext): Fault {
  const { line, column, index } = statement
  const { database, server } = target
  return {
    what: `Statement ${index + 1} of \`${migrationLabel(migration)}\` cannot run in batches: ${summarizeStatement(statement)}.`,
    where: { file: migration.file, line, column, database, server },
    why,
    next,
  }
}
