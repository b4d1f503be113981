import type { RetireConfig } from '../../config/retire.ts'
import { readAdded, readAddedKeys } from '../../ddl/read-alterations.ts'
import { type Retirement, readRetirement } from '../../operate/retire/retirement.ts'
import { readAlterations } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { Migration } from '../migration.ts'
import type { Step } from '../plan.ts'

/**
 * The steps of one database, in their order, with the grace of each retirement. In a protected environment, a statement that drops one table, column or index is retired without
 * a line, too: unless its file says otherwise, the plan itself has made it, or makes another one of its name while it would be hidden. Pure.
 */
export function retireByDefault(steps: readonly Step[], { grace, isDefault }: RetireConfig): readonly Step[] {
  if (!steps.some((step) => mayRetire(step))) return steps
  const all = steps.flatMap((step) => statementsOf(step))
  return steps.map((step) => {
    if (!mayRetire(step)) return step
    const { migration } = step
    const marked = statementsOf(step).map((statement): Statement => {
      const { retire } = statement
      if (retire !== undefined) return { ...statement, retire: { ...retire, grace: retire.grace ?? grace } }
      const at = all.indexOf(statement)
      const isRetired = isDefault && isToRetire(statement, migration, all.slice(0, at), all.slice(at + 1))
      return isRetired ? { ...statement, retire: { grace, isDefault: true } } : statement
    })
    return { ...step, migration: { ...migration, up: { type: 'statements', statements: marked } } }
  })
}

const dropping: readonly string[] = ['DROP TABLE', 'ALTER TABLE', 'DROP INDEX'] satisfies readonly Statement['verb'][]

/** Whether a step has a statement that may be retired: files that were not split yet are left so. */
function mayRetire(step: Step): boolean {
  return statementsOf(step).some(({ verb, retire }) => retire !== undefined || dropping.includes(verb))
}

function statementsOf({ type, migration }: Step): readonly Statement[] {
  if (type !== 'apply' || migration.kind !== 'versioned' || migration.shards !== undefined) return []
  return migration.up.type === 'statements' ? migration.up.statements : []
}

/** The hazards that a file accepts where it means the loss. */
const codes = { table: 'DROP_TABLE', column: 'DROP_COLUMN', index: 'DROP_INDEX' } as const

function isToRetire(
  statement: Statement,
  { accepted }: Migration,
  before: readonly Statement[],
  behind: readonly Statement[],
): boolean {
  if (statement.dropsAtOnce === true || statement.online !== undefined || !dropping.includes(statement.verb))
    return false
  const retirement = readRetirement(statement)
  if (retirement === null || retirement.table.schema !== null) return false
  if (accepted.some(({ code }) => code === codes[retirement.type])) return false
  if (listMade(before).has(retirement.table.name.toLowerCase())) return false
  return !before.some((one) => makes(one, retirement)) && !behind.some((one) => needsName(one, retirement))
}

/** Tables that the statements make, in lower case, by the names that they have behind them. */
function listMade(statements: readonly Statement[]): ReadonlySet<string> {
  const made = new Set<string>()
  for (const { verb, objects } of statements) {
    const names = objects.map(({ name }) => name.toLowerCase())
    if (verb === 'CREATE TABLE' && names[0] !== undefined) made.add(names[0])
    if (verb !== 'RENAME TABLE' && verb !== 'ALTER TABLE') continue
    for (let at = 0; at + 1 < names.length; at += 2) {
      const [from = '', to = ''] = names.slice(at, at + 2)
      const isMade = made.delete(from)
      if (isMade) made.add(to)
      else made.delete(to)
    }
  }
  return made
}

const isSame = (name: string | null | undefined, other: string | null): boolean =>
  name?.toLowerCase() === other?.toLowerCase()

/** Whether a statement makes the column or the index. */
function makes({ objects, text }: Statement, { type, table, part }: Retirement): boolean {
  if (!objects.some(({ name }) => isSame(name, table.name))) return false
  if (type === 'table' || !/\b(?:ADD|INDEX|CHANGE|RENAME)\b/i.test(text)) return false
  const tokens = tokenize(text)
  if (type === 'index') return readAddedKeys(tokens).indexes.some(({ name }) => isSame(name, part))
  const added = readAlterations(tokens).flatMap((clause) => readAdded(clause))
  return added.some(([name]) => isSame(name, part))
}

/** Whether a table that takes the name of a dropped one, or its trigger, brings names that its schema has once. */
function remakesNames({ verb, objects, text }: Statement, table: string): boolean {
  if (verb === 'CREATE TRIGGER') return tokenize(text).some((token) => isSame(token.text, table))
  return verb === 'CREATE TABLE' && isSame(objects[0]?.name, table) && namesConstraint.test(text)
}

const namesConstraint = /\bCONSTRAINT\s+(?!(?:CHECK|FOREIGN|PRIMARY|UNIQUE)\b)/i

/** A column or an index that is hidden still has its name. A table has another one, but its triggers, and constraints that were given a name, keep theirs. */
function needsName(statement: Statement, { type, table, part }: Retirement): boolean {
  if (type === 'table') return remakesNames(statement, table.name)
  if (!/^(?:ALTER TABLE|CREATE (?:\w+ )?INDEX)/.test(statement.verb)) return false
  if (!statement.objects.some(({ name }) => isSame(name, table.name))) return false
  return tokenize(statement.text).some((token) => isSame(token.text, part))
}
