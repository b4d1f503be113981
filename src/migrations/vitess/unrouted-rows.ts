import type { Fault } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Vschema } from '../../sql/vschema.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'

const writes: ReadonlySet<string> = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE'])

/** The tables whose rows vtgate finds, as the statements of a plan change them. Mutable, and lives for one plan. */
function followRouted(routed: Map<string, number>, { verb, objects }: Statement): void {
  const [first] = objects
  if (first === undefined) return
  const name = first.name.toLowerCase()
  const count = routed.get(name) ?? 0
  if (verb === 'ALTER VSCHEMA ADD VINDEX') routed.set(name, count + 1)
  // DROP VINDEX ON a table, not of the keyspace.
  if (verb === 'ALTER VSCHEMA DROP VINDEX' && first.type === 'vschema') routed.set(name, count - 1)
}

/**
 * Data statements on tables of a sharded keyspace that have no vindex when they are to run: vtgate does not know the shard of their rows, and would refuse them in the middle of a
 * run. Pure.
 */
export function findUnroutedRows(steps: readonly Step[], vschema: Vschema): readonly Fault[] {
  if (!vschema.isSharded) return []
  const known = vschema.tables.filter(({ takesRows }) => takesRows)
  const routed = new Map(known.map(({ name, vindexes }) => [name.toLowerCase(), Math.max(1, vindexes.length)]))
  return steps.flatMap((step) => {
    const script = scriptOf(step)
    if (script?.type !== 'statements') return []
    return script.statements.flatMap((statement): readonly Fault[] => {
      if (step.from > statement.index) return []
      followRouted(routed, statement)
      if (!writes.has(statement.verb)) return []
      const lacking = statement.objects.find(({ name }) => (routed.get(name.toLowerCase()) ?? 0) <= 0)?.name
      if (lacking === undefined) return []
      const { file, line, column, verb, index } = statement
      return [
        {
          what: `Statement ${index + 1} of \`${file}\` (${verb}) names \`${lacking}\`, which has no vindex.`,
          where: { file, line, column, database: step.migration.database },
          why: `The keyspace \`${vschema.keyspace}\` is sharded, and vtgate finds the shard of a row by a vindex.`,
          next: `Write \`ALTER VSCHEMA ON ${lacking} ADD VINDEX ...\` as a statement before it.`,
        },
      ]
    })
  })
}
