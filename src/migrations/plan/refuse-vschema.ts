import type { Fault } from '../../core/tool-error.ts'
import { isVschemaVerb } from '../../sql/statements/vschema.ts'
import type { TargetPlan } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'

/** `ALTER VSCHEMA` of a plan whose target is a schema of MySQL itself, which has no VSchema. */
export function refuseVschema({ steps }: Pick<TargetPlan, 'steps'>): readonly Fault[] {
  return steps.flatMap((step) => {
    const script = scriptOf(step)
    if (script?.type !== 'statements') return []
    const { database } = step.migration
    const own = script.statements.filter(({ verb, index }) => index >= step.from && isVschemaVerb(verb))
    return own.map(({ index, file, line, column, verb }) => ({
      what: `Statement ${index + 1} of \`${file}\` (${verb}) does not run on MySQL.`,
      where: { file, line, column, database },
      why: `Only a keyspace of Vitess has a VSchema, and \`databases.${database}\` has no \`vitess\`.`,
      next: 'Put such statements into a file of their own, with `-- wwdb:when platform=vitess` above its up part.',
    }))
  })
}
