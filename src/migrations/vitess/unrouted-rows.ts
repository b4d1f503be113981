import type { Fault } from '../../core/tool-error.ts'
import { inParentheses, isMark } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { Vschema } from '../../sql/vschema.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import { type RoutedTables, refuseRows } from './refuse-rows.ts'

/** The tables whose rows vtgate finds, as the statements of a plan change them. Mutable, and lives for one plan. */
function followRouted(routed: Map<string, readonly (readonly string[])[]>, statement: Statement): void {
  const { verb, objects, text } = statement
  const [first] = objects
  if (first === undefined) return
  const name = first.name.toLowerCase()
  const known = routed.get(name) ?? []
  if (verb === 'ALTER VSCHEMA ADD VINDEX') routed.set(name, [...known, readColumns(text)])
  // DROP VINDEX ON a table, not of the keyspace. The primary one goes last: no other may take its place.
  if (verb === 'ALTER VSCHEMA DROP VINDEX' && first.type === 'vschema') routed.set(name, known.slice(0, -1))
}

/** `ALTER VSCHEMA ON t ADD VINDEX v (a, b) USING xxhash` */
function readColumns(text: string): readonly string[] {
  const tokens = tokenize(text)
  const open = tokens.findIndex((token) => isMark(token, '('))
  if (open < 0) return []
  return inParentheses(tokens, open).flatMap((token) => (isMark(token, ',') ? [] : [token.text.toLowerCase()]))
}

/** Each table with the columns of its vindexes, the primary one first. One that takes rows without a vindex is found by its keyspace. */
const routedBefore = ({ tables }: Vschema): Map<string, readonly (readonly string[])[]> =>
  new Map(
    tables
      .filter(({ takesRows }) => takesRows)
      .map(({ name, vindexes }) => [
        name.toLowerCase(),
        vindexes.length === 0 ? [[]] : vindexes.map(({ columns }) => columns.toLowerCase().split(', ')),
      ]),
  )

/**
 * Data statements of a sharded keyspace that vtgate would refuse in the middle of a run: they write to a table that has no vindex when they are to run, and so to no known shard, or
 * in a way that vtgate has no plan for. Pure.
 */
export function findUnroutedRows(steps: readonly Step[], vschema: Vschema): readonly Fault[] {
  if (!vschema.isSharded) return []
  const routed = routedBefore(vschema)
  const known: RoutedTables = {
    keyspace: vschema.keyspace,
    vindexesOf: (table) => routed.get(table.toLowerCase()) ?? [],
  }
  return steps.flatMap((step) => {
    const script = scriptOf(step)
    if (script?.type !== 'statements') return []
    return script.statements.flatMap((statement): readonly Fault[] => {
      if (step.from > statement.index) return []
      followRouted(routed, statement)
      const refusal = refuseRows(statement, known)
      if (refusal === null) return []
      const { file, line, column, verb, index } = statement
      return [
        {
          what: `Statement ${index + 1} of \`${file}\` (${verb}) ${refusal.does}.`,
          where: { file, line, column, database: step.migration.database },
          why: refusal.why,
          next: refusal.next,
        },
      ]
    })
  })
}
