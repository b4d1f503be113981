import type { Target } from '../../core/target.ts'
import { describeKey, toLiterals } from '../../operate/batches/key-range.ts'
import type { KeptVerb } from '../../operate/undo/kept.ts'
import { listLeft } from '../../operate/undo/put-back.ts'
import { isOver, type KeptBatch, type RefusedBatch } from './undo-batches.ts'

/** A row that is not put back. */
export interface UndoneRow {
  /** Its key: `` `id` = 7 ``. */
  readonly key: string
  /**
   * - `changed` others have changed what the batch wrote
   * - `gone`    others have deleted it since
   * - `taken`   others have inserted a row of its key since the batch deleted it
   * - `refused` the server refuses the row as it was: another row has a value that is unique, a parent is missing
   * - `late`    others made it as the batch wrote it while the undo ran: the next attempt puts it back
   */
  readonly why: 'changed' | 'gone' | 'taken' | 'refused' | 'late'
}

/** One batch on one table: on shards, one of each. */
export interface UndoneTable {
  readonly target: Target
  readonly table: string
  /** Position in the part of the file, from 1. */
  readonly statement: number
  readonly direction: 'up' | 'down'
  /** What the batch did: rows that an INSERT added are removed again. */
  readonly verb: KeptVerb
  /** The table in which the rows are kept. */
  readonly undoTable: string
  /** Until when it is kept at least. */
  readonly keptUntil: string
  /** Rows that are put back, by this run and earlier ones. */
  readonly undone: number
  /** Of a dry run, the rows that can be put back. */
  readonly ready: number
  /** Rows that are not put back, because others changed them since or the server refuses them. */
  readonly left: number
  /** The first of them. */
  readonly rows: readonly UndoneRow[]
}

/** Keys that are named of one table: more are counted. */
const mostKeys = 20

/** What became of each batch, with the keys of rows that are not put back. @param isDone true behind the attempt: a row that nobody changed was refused by the server */
export async function listUndone(batches: readonly KeptBatch[], isDone: boolean): Promise<readonly UndoneTable[]> {
  const tables: UndoneTable[] = []
  for (const { target, record, counts, refusedKeys = [] } of batches) {
    const { undone, ready, changed, gone, taken } = counts
    const left = changed + gone + taken + (isDone ? ready : 0)
    tables.push({
      target: target.session.target,
      table: record.kept.table,
      statement: record.statement + 1,
      direction: record.direction,
      verb: record.kept.verb,
      undoTable: record.name,
      keptUntil: new Date(record.keptUntil).toISOString(),
      undone,
      ready: isDone ? 0 : ready,
      left,
      rows:
        left === 0
          ? []
          : await readLeft(
              target,
              record,
              isDone,
              new Set(refusedKeys.map((key) => describeKey(record.kept.key, key))),
            ),
    })
  }
  return tables
}

/** A batch that is not undone, because it cannot be. */
export interface RefusedUndo {
  readonly target: Target
  readonly table: string
  /** Position in the part of the file, from 1. */
  readonly statement: number
  readonly direction: 'up' | 'down'
  /** The table in which its rows are kept, or were. */
  readonly undoTable: string
  /** True where nothing is left to do: all its rows were put back before. */
  readonly isOver: boolean
  readonly why: string
}

export const listRefused = (batches: readonly RefusedBatch[]): readonly RefusedUndo[] =>
  batches.map(({ target, record, why }) => ({
    target: target.session.target,
    table: record.kept.table,
    statement: record.statement + 1,
    direction: record.direction,
    undoTable: record.name,
    isOver: isOver(record),
    why,
  }))

async function readLeft(
  { session }: KeptBatch['target'],
  { name, kept }: KeptBatch['record'],
  isDone: boolean,
  refused: ReadonlySet<string>,
): Promise<readonly UndoneRow[]> {
  const rows = await session.readRows(listLeft(name, kept, mostKeys, isDone))
  await session.rollback()
  return rows.map(([state, ...cells]) => {
    const key = describeKey(kept.key, toLiterals(kept.key, cells))
    if (state === 'gone' || state === 'taken' || state === 'changed') return { key, why: state }
    return { key, why: refused.has(key) ? 'refused' : 'late' }
  })
}
