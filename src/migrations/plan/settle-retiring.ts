import type { Fault } from '../../core/tool-error.ts'
import { applyStatement } from '../../ddl/apply-statement.ts'
import { kindOf } from '../../ddl/read-parts.ts'
import { type Schema, stateOfTable } from '../../ddl/schema.ts'
import { findKnownColumn, type Table } from '../../ddl/table.ts'
import { selectReferences } from '../../operate/retire/presence.ts'
import { type Retirement, readRetirement } from '../../operate/retire/retirement.ts'
import { listTablesToRead } from '../../probe/what-to-read.ts'
import type { Statement } from '../../sql/statement.ts'
import { type Plan, type Step, type TargetPlan, withFailures } from '../plan.ts'
import { readWaiting } from '../retired-records.ts'
import { hasRetired } from '../retirements.ts'
import { type OpenTarget, TargetLost } from '../targets.ts'
import { isLost } from '../unreached.ts'
import { isReferenced, needsValue, type RetireRefusal } from './retire-refusals.ts'

/**
 * The plan as its run retires: what the server shows of each table, column and index before its statement. A unique index that is retired without a line is dropped at once, as it
 * would go on refusing rows; what cannot be hidden fails before anything runs. Nothing is read where nothing is retired.
 */
export async function settleRetiring(plan: Plan, targets: readonly OpenTarget[]): Promise<Plan> {
  const settled = plan.targets.map(async (one) => {
    const target = targets.find(({ database }) => database.name === one.target.database)
    if (target === undefined || !one.steps.some((step) => leftOf(step).some(isRetiring))) return one
    return settleTarget(one, target).catch((error: unknown) => {
      throw isLost(error) ? new TargetLost(target, error) : error
    })
  })
  return { ...plan, targets: await Promise.all(settled) }
}

const isRetiring = ({ retire }: Statement): boolean => retire !== undefined && retire.back === undefined

function leftOf({ type, migration, from, fanOut }: Step): readonly Statement[] {
  if (type !== 'apply' || fanOut !== undefined || migration.up.type !== 'statements') return []
  return migration.up.statements.filter(({ index }) => index >= from)
}

async function settleTarget(plan: TargetPlan, target: OpenTarget): Promise<TargetPlan> {
  const { session } = target
  const all = plan.steps.flatMap((step) => leftOf(step))
  let tables = await session.readTableStates(listTablesToRead(all))
  const atOnce = new Set<Statement>()
  const failures: Fault[] = []
  for (const statement of all) {
    const retirement = isRetiring(statement) ? readRetirement(statement) : null
    const table = retirement === null ? null : tableOf(tables, retirement)
    if (retirement !== null && table !== null) {
      if (statement.retire?.isDefault === true && isUnique(table, retirement)) atOnce.add(statement)
      const before = all.slice(0, all.indexOf(statement))
      const refused = findNeeded(table, retirement) ?? (await findReferences(retirement, before, target))
      if (refused !== null) failures.push(placed(refused, statement, plan))
    }
    tables = applyStatement(tables, statement)
  }
  const steps = atOnce.size === 0 ? plan.steps : plan.steps.map((step) => dropAtOnce(step, atOnce))
  if (failures.length === 0) return { ...plan, steps }
  const notes = failures.map(({ what, where }) => `${where?.file}:${where?.line} will fail. ${what}`)
  return withFailures({ ...plan, steps }, failures, notes)
}

function tableOf(tables: Schema, { table }: Retirement): Table | null {
  const state = stateOfTable(tables, table)
  return state.type === 'table' || state.type === 'new' ? state.table : null
}

function isUnique({ indexes }: Table, { type, part }: Retirement): boolean {
  const index = indexes.find(({ name }) => name.toLowerCase() === part?.toLowerCase())
  return type === 'index' && index !== undefined && kindOf(index) === 'UNIQUE'
}

function dropAtOnce(step: Step, atOnce: ReadonlySet<Statement>): Step {
  const { migration } = step
  if (migration.up.type !== 'statements') return step
  const statements = migration.up.statements.map((statement): Statement => {
    if (!atOnce.has(statement)) return statement
    const { retire: _, ...plain } = statement
    return plain
  })
  return { ...step, migration: { ...migration, up: { ...migration.up, statements } } }
}

const placed = (refusal: RetireRefusal, { file, line, column }: Statement, { target }: TargetPlan): Fault => ({
  ...refusal,
  where: { file, line, column, database: target.database, server: target.server },
  next: `${refusal.next} Nothing was run.`,
})

function findNeeded(table: Table, { type, part }: Retirement): RetireRefusal | null {
  const column = type === 'column' && part !== null ? findKnownColumn(table, part) : null
  if (column === null || column.nullable || column.default !== null || column.generated !== null) return null
  return column.autoIncrement ? null : needsValue(table.name, column.name)
}

/**
 * Under the lock, it is refused by foreign keys that are there then. Here those are left out whose table an earlier statement names: what becomes of them is seen then, and so is
 * everything behind code whose statements nobody knows before.
 */
async function findReferences(
  { type, table }: Retirement,
  before: readonly Statement[],
  { session, snapshot }: Pick<OpenTarget, 'session' | 'snapshot'>,
): Promise<RetireRefusal | null> {
  if (type !== 'table' || before.some(({ class: kind }) => kind === 'call' || kind === 'execute')) return null
  const rows = await session.readRows(selectReferences(table.name))
  if (rows.length === 0) return null
  const held = hasRetired(snapshot) ? (await readWaiting(session)).map(({ hold }) => hold) : []
  const known = new Set([...held, ...before.flatMap(({ objects }) => objects.map(({ name }) => name))])
  const folded = new Set([...known].map((name) => name.toLowerCase()))
  const keys = rows.flatMap(([key, child]) => (folded.has((child ?? '').toLowerCase()) ? [] : [key ?? '']))
  return keys.length === 0 || folded.has(table.name.toLowerCase()) ? null : isReferenced(table.name, keys)
}
