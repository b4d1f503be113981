import type { Fault } from '../core/tool-error.ts'
import { digestValue } from './digest-value.ts'
import { showValue } from './plan-rows.ts'
import type { DoomedRows, PresentRow, SeedRecord, SeedStore, SeedTableShape } from './ports.ts'
import type { SeedRowChange, SeedTargetPlan } from './seed-plan.ts'

/** A row that the tool inserted, and that no file has any more. */
interface Leftover {
  readonly record: SeedRecord
  readonly present: PresentRow
  readonly shape: SeedTableShape
}

export interface PrunePlanning {
  readonly rows: readonly SeedRowChange[]
  readonly doomed: readonly DoomedRows[]
  /** What is remembered of rows that go, and of those that are gone or are somebody else's by now. */
  readonly forget: readonly SeedRecord[]
  readonly dependents: SeedTargetPlan['dependents']
  readonly faults: readonly Fault[]
}

/**
 * What became of the rows that left the files. Only those count that the tool itself inserted and that still have the natural
 * key it gave them: one that was renamed by hand, or that another row took the place of, is nobody's to remove.
 * @param records of rows that no file has, of whatever environment
 * @param prune false only looks which there are
 */
export async function planPrune(
  store: SeedStore,
  records: readonly SeedRecord[],
  prune: boolean,
  lock: boolean,
): Promise<PrunePlanning> {
  const leftovers = await findLeftovers(store, records, lock)
  const doomed = groupRows(leftovers)
  const dependents = prune && doomed.length > 0 ? await store.countDependents(doomed) : []
  return {
    rows: leftovers.map((leftover) => describeLeftover(leftover, prune)),
    doomed,
    forget: records,
    dependents,
    faults: dependents.filter(({ effect }) => effect === 'refuse').map(refusedByKey),
  }
}

async function findLeftovers(
  store: SeedStore,
  records: readonly SeedRecord[],
  lock: boolean,
): Promise<readonly Leftover[]> {
  const tables = [...new Set(records.map(({ table }) => table))]
  const shapes = await store.describe(tables)
  const leftovers: Leftover[] = []
  for (const table of tables) {
    const shape = shapes.get(table)
    const own = records.filter((record) => record.table === table && record.inserted)
    if (shape === undefined || own.length === 0) continue
    const identities = own.map(({ identity }) => shape.identity.map((column) => identity[column] ?? ''))
    const present = await store.findRows({ table, shape, identities }, lock)
    for (const [index, record] of own.entries()) {
      const row = present.find(({ identity }) => identity.join('\n') === identities[index]?.join('\n'))
      if (row !== undefined && isOurs(record, row)) leftovers.push({ record, present: row, shape })
    }
  }
  return leftovers
}

function isOurs({ keyColumns, written }: SeedRecord, { values }: PresentRow): boolean {
  return keyColumns.every((column) => written[column] === digestValue(values.get(column) ?? null))
}

function groupRows(leftovers: readonly Leftover[]): readonly DoomedRows[] {
  const groups = new Map<string, { table: string; shape: SeedTableShape; identities: (readonly string[])[] }>()
  for (const { record, present, shape } of leftovers) {
    const group = groups.get(record.table) ?? { table: record.table, shape, identities: [] }
    group.identities.push(present.identity)
    groups.set(record.table, group)
  }
  return [...groups.values()]
}

/** What somebody changed in the row since is shown: it would be gone. */
function describeLeftover({ record, present }: Leftover, prune: boolean): SeedRowChange {
  const changed = [...present.values].filter(([column, text]) => {
    const left = record.written[column]
    return left !== undefined && left !== digestValue(text)
  })
  const changes = changed.map(([column, text]) => ({
    column,
    before: showValue(column, text),
    after: null,
    byHand: true,
    kept: !prune,
  }))
  const { table, key, file } = record
  return { table, key, action: prune ? 'delete' : 'leave', file, line: null, changes }
}

function refusedByKey({ table, constraint, rows }: SeedTargetPlan['dependents'][number]): Fault {
  return {
    what: `${rows} ${rows === 1 ? 'row' : 'rows'} of "${table}" refer to rows that left the seeds, and the key ${constraint} forbids to remove those.`,
    why: 'They were not made by seeds, or are still in the files.',
    next: 'Point them elsewhere or remove them first, or put the rows back into the files. Without --prune they simply stay.',
  }
}
