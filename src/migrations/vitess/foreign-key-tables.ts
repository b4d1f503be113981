import type { Fault } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import type { Session } from '../ports.ts'

interface Change {
  readonly step: Step
  readonly statement: Statement
  readonly table: string
  /** Tables that the plan has dropped before: they have no keys any more. */
  readonly dropped: ReadonlySet<string>
}

/** What Vitess carries out by a copy of the table. */
const changes = /^(?:ALTER TABLE|CREATE (?:UNIQUE |FULLTEXT |SPATIAL )?INDEX|DROP INDEX)$/

/** Pure. */
function listChanges(steps: readonly Step[]): readonly Change[] {
  let dropped: ReadonlySet<string> = new Set()
  return steps.flatMap((step) => {
    const script = scriptOf(step)
    if (script?.type !== 'statements') return []
    return script.statements.flatMap((statement): readonly Change[] => {
      if (statement.index < step.from) return []
      const tables = statement.objects.flatMap(({ type, name }) => (type === 'table' ? [name] : []))
      if (statement.verb === 'DROP TABLE') dropped = new Set([...dropped, ...tables])
      const [table] = tables
      return !changes.test(statement.verb) || table === undefined ? [] : [{ step, statement, table, dropped }]
    })
  })
}

const keysOfKeyspace =
  'SELECT DISTINCT TABLE_NAME,CONSTRAINT_NAME,REFERENCED_TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA=DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_NAME,CONSTRAINT_NAME'

/**
 * Changes of tables that a foreign key belongs to or refers to, which Vitess refuses online: also what drops it, by whichever words. No migration gives such a table a key, and whoever made it by
 * other means has one. Asks the keyspace where a plan changes tables.
 */
export async function findForeignKeyTables(
  steps: readonly Step[],
  isOnline: boolean,
  session: Pick<Session, 'readRows'>,
): Promise<readonly Fault[]> {
  const all = isOnline ? listChanges(steps) : []
  if (all.length === 0) return []
  const keys = await session.readRows(keysOfKeyspace)
  return all.flatMap(({ step, statement, table, dropped }): readonly Fault[] => {
    const left = keys.filter(([child]) => !dropped.has(String(child)))
    const key = left.find(([child, , parent]) => child === table || parent === table)
    if (key === undefined) return []
    const [child, name, parent] = key
    const { file, line, column, verb, index } = statement
    return [
      {
        what: `Statement ${index + 1} of \`${file}\` (${verb}) does not run through vtgate.`,
        where: { file, line, column, database: step.migration.database },
        why: `The foreign key \`${name}\` of \`${child}\` refers to \`${parent}\`. Online, Vitess changes neither of the two tables, not even to drop the key.`,
        next: 'Drop the key on each shard with `vtctldclient ExecuteFetchAsDBA`, or set `ddlStrategy` to `direct`.',
      },
    ]
  })
}
