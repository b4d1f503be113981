import { applyStatement } from '../../ddl/apply-statement.ts'
import { absent, listNew, objectKey, type Schema, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { isPlainData } from '../../lint/find-hazards.ts'
import type { Statement } from '../../sql/statement.ts'
import { digestDefinitions } from '../execute/recover.ts'
import { type JournalRow, type MissingBefore, type Pass, revertedNothing } from '../journal/journal.ts'
import type { Plan, Step, TargetPlan } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import type { OpenTarget } from '../targets.ts'

/** A statement that ran; for a CALL with what was missing before it, of what it may have created. */
interface RanStatement extends Statement {
  readonly missing?: readonly MissingBefore[]
}

type Journal = Pick<OpenTarget['snapshot'], 'passes' | 'rows'>

/**
 * The statements that unfinished migrations of a plan have run, in order: what they created is still their own. A pass
 * counts as long as no other has run since, and every statement that it closed is still in the file.
 */
export async function listStatementsRun(
  journal: Journal,
  steps: Plan['targets'][number]['steps'],
): Promise<RanStatement[]> {
  const ran: RanStatement[] = []
  const stepOf = new Map(steps.flatMap((step) => (step.type === 'record' ? [] : [[keyOf(step), step] as const])))
  for (const pass of journal.passes.toReversed()) {
    if (recordsOnly(pass) || revertedNothing(pass, journal.rows)) continue
    const step = stepOf.get(`${pass.direction} ${pass.version}`)
    const own = step === undefined || isFinished(pass) ? null : await readClosed(pass, step, journal.rows)
    if (own === null) return ran
    ran.unshift(...own)
  }
  return ran
}

const recordsOnly = (pass: Pass): boolean => ['seed', 'mark', 'baseline', 'drift'].includes(pass.kind)

const isFinished = (pass: Pass): boolean => pass.closed >= pass.total && pass.open === 0

const keyOf = ({ type, migration }: Step): string => `${type === 'apply' ? 'up' : 'down'} ${migration.version}`

/** The closed statements of a pass that affect tables; null where the file no longer has all of them. */
async function readClosed(
  pass: Pass,
  step: Step,
  rows: readonly JournalRow[],
): Promise<readonly RanStatement[] | null> {
  const script = scriptOf(step)
  if (script === null || script.type === 'module' || step.migration.shards !== undefined) return null
  const closed = rows.filter((row) => row.pass === pass.pass && row.state === 'closed')
  const byIndex = new Map(closed.map((row) => [row.statement, row]))
  const ran: RanStatement[] = []
  let read = 0
  for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
    if (statement.index >= pass.closed) break
    const row = byIndex.get(statement.index)
    if (row === undefined || row.hash !== statement.hash) return null
    read += 1
    const { missing } = row
    if (!isPlainData(statement))
      ran.push({ ...withJournal(statement, row), ...(missing === undefined ? {} : { missing }) })
  }
  return read === pass.closed ? ran : null
}

/**
 * CREATE TABLE IF NOT EXISTS creates the table where its row shows that no table had the name before: then the words
 * have no effect.
 */
export function withJournal(statement: Statement, row: JournalRow | undefined): Statement {
  if (!statement.idempotent || statement.verb !== 'CREATE TABLE' || row === undefined) return statement
  const { objects } = row
  const wasAbsent =
    row.fingerprint ===
    digestDefinitions(
      objects,
      objects.map(() => null),
    )
  return wasAbsent ? { ...statement, idempotent: false } : statement
}

/**
 * What is known about the tables, including what an unfinished migration created: its tables still count as new, even
 * after renames, and so do the columns that it added.
 */
export function ownTables(tables: Schema, ran: readonly RanStatement[]): Schema {
  if (ran.length === 0) return tables
  const { procedures } = tables
  const nothing: Schema = {
    schema: tables.schema,
    states: new Map(),
    ...(tables.foldsNames === undefined ? {} : { foldsNames: tables.foldsNames }),
    ...(procedures === undefined ? {} : { procedures }),
  }
  const followed = ran.reduce<Schema>(
    (before, statement) => applyStatement(withMissing(before, statement.missing ?? []), statement),
    nothing,
  )
  const states = new Map([...tables.states, ...listNew(followed)])
  const { ownColumns, texts } = followed
  return {
    ...tables,
    states,
    ...(ownColumns === undefined ? {} : { ownColumns }),
    ...(texts === undefined ? {} : { texts }),
  }
}

/** A column that did not exist is equivalent to one that the migration itself adds: none of its values is from before the run. */
function withMissing(tables: Schema, missing: readonly MissingBefore[]): Schema {
  const states = new Map(tables.states)
  const ownColumns = new Map(tables.ownColumns)
  for (const { table, column } of missing) {
    const name = { schema: null, name: table }
    const key = tableKey(tables, name)
    if (column !== null) ownColumns.set(key, new Set([...(ownColumns.get(key) ?? []), column.toLowerCase()]))
    else if (stateOfTable(tables, name).type === 'unknown') states.set(objectKey(tables, name), absent)
  }
  return missing.length === 0 ? tables : { ...tables, states, ownColumns }
}

/** Whether migrations of other databases name tables of this one in definitions. */
export function isTouchedByOthers(plan: Plan, target: TargetPlan): boolean {
  const own = `{{schema:${target.target.database}}}`
  return plan.targets.some(
    (other) =>
      other !== target &&
      other.steps.some((step) => {
        const script = scriptOf(step)
        if (script?.type === 'stream') return true
        if (script?.type !== 'statements') return false
        return script.statements.some(({ class: kind, objects }) =>
          ['call', 'execute'].includes(kind)
            ? true
            : kind === 'definition' && objects.some(({ schema }) => schema === own || schema === target.target.schema),
        )
      }),
  )
}

/** Whether its foreign keys reference tables that migrations of other databases change in the same plan: a copy of the parent would be outdated. */
export function refersToChanged(plan: Plan, target: TargetPlan): boolean {
  const changed = new Set(
    plan.targets
      .filter((other) => other !== target)
      .flatMap(({ target: { database, schema }, steps }) =>
        statementsOf(steps)
          .filter((one) => one.class === 'definition' && !one.verb.startsWith('CREATE'))
          .flatMap(({ objects }) => objects.filter((object) => object.schema === null))
          .flatMap(({ name }) => [`{{schema:${database}}}.${name}`, `${schema}.${name}`]),
      ),
  )
  const refers = statementsOf(target.steps).flatMap(({ references }) => references)
  return changed.size > 0 && refers.some(({ schema, name }) => changed.has(`${schema}.${name}`))
}

function statementsOf(steps: readonly Step[]): readonly Statement[] {
  return steps.flatMap((step) => {
    const script = scriptOf(step)
    return script?.type === 'statements' ? script.statements : []
  })
}
