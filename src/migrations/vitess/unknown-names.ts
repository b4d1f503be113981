import type { Fault } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import { ownerOf, type SequenceName, sequenceOf } from '../../sql/vschema.ts'
import type { Plan, Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import type { Session } from '../ports.ts'

/** A table of the keyspace, or a sequence, that `ALTER VSCHEMA` names. */
type Named = { readonly step: Step; readonly statement: Statement } & (
  | { readonly type: 'table'; readonly name: string }
  | { readonly type: 'sequence'; readonly sequence: SequenceName }
)

/** What the statements of a whole plan make, as `keyspace.name`. */
export interface MadeByPlan {
  readonly tables: ReadonlySet<string>
  readonly sequences: ReadonlySet<string>
}

/** What of it takes any name, and is done then: Vitess compares none with the tables that exist. */
const adds = /^ALTER VSCHEMA (?:ADD (?:TABLE|SEQUENCE|VINDEX|AUTO_INCREMENT)|CREATE VINDEX)$/

const statementsOf = (step: Step): readonly Statement[] => {
  const script = scriptOf(step)
  return script?.type === 'statements' ? script.statements.filter(({ index }) => index >= step.from) : []
}

/** Pure. */
export function listMade({ targets }: Pick<Plan, 'targets'>): MadeByPlan {
  const made = { tables: new Set<string>(), sequences: new Set<string>() }
  for (const { target, steps } of targets)
    for (const { verb, objects } of steps.flatMap(statementsOf)) {
      const name = `${target.schema}.${objects[0]?.name}`
      if (/^CREATE (?:TABLE|VIEW)$/.test(verb)) made.tables.add(name)
      if (verb === 'ALTER VSCHEMA ADD SEQUENCE') made.sequences.add(name)
    }
  return made
}

/** Pure. @param resolve puts the names of schemas in place of `{{schema:DATABASE}}` */
function listNamed(steps: readonly Step[], resolve: (text: string) => string): readonly Named[] {
  return steps.flatMap((step) =>
    statementsOf(step).flatMap((statement): readonly Named[] => {
      if (!adds.test(statement.verb)) return []
      const text = resolve(statement.text)
      const table = statement.objects.find(({ type }) => type === 'vschema')?.name
      const [owner, sequence] = [ownerOf(text), sequenceOf(text)]
      return [
        ...(table === undefined ? [] : [{ type: 'table' as const, name: table, step, statement }]),
        ...(owner === null || owner === table ? [] : [{ type: 'table' as const, name: owner, step, statement }]),
        ...(sequence === null ? [] : [{ type: 'sequence' as const, sequence, step, statement }]),
      ]
    }),
  )
}

function isMade(named: Named, keyspace: string, { tables, sequences }: MadeByPlan): boolean {
  if (named.type === 'table') return tables.has(`${keyspace}.${named.name}`)
  const { keyspace: own, name } = named.sequence
  if (own !== null) return sequences.has(`${own}.${name}`)
  return [...sequences].some((one) => one.endsWith(`.${name}`))
}

async function exists(named: Named, session: Pick<Session, 'readDefinitions' | 'findSequences'>): Promise<boolean> {
  if (named.type === 'table') {
    const [definition] = await session.readDefinitions([{ type: 'table', schema: null, name: named.name }], false)
    return definition !== null
  }
  const { keyspace, name } = named.sequence
  const found = (await session.findSequences?.(name)) ?? []
  return keyspace === null ? found.length > 0 : found.includes(keyspace)
}

function toFault(named: Named): Fault {
  const { step, statement } = named
  const { file, line, column, verb, index } = statement
  const where = { file, line, column, database: step.migration.database }
  const at = `Statement ${index + 1} of \`${file}\` (${verb})`
  if (named.type === 'table')
    return {
      what: `${at} names the table \`${named.name}\`, which does not exist.`,
      where,
      why: 'No shard has it, and no statement of this plan creates it. Vitess would take any name here.',
      next: 'Correct the name, or write its CREATE TABLE.',
    }
  const { keyspace, name } = named.sequence
  return {
    what: `${at} names the sequence \`${keyspace === null ? name : `${keyspace}\`.\`${name}`}\`, which does not exist.`,
    where,
    why: 'No VSchema has a sequence of this name, and no statement of this plan adds it. Vitess would take any name here, and vtgate would no longer know the table.',
    next: 'Correct the name, or write `ALTER VSCHEMA ADD SEQUENCE` into a migration of the keyspace of the sequence.',
  }
}

/** What `ALTER VSCHEMA` of a plan names, and what neither exists nor is made by the plan. Asks the keyspace where a plan has such a statement. */
export async function findUnknownNames(
  steps: readonly Step[],
  { keyspace, resolve }: { readonly keyspace: string; readonly resolve: (text: string) => string },
  made: MadeByPlan,
  session: Pick<Session, 'readDefinitions' | 'findSequences'>,
): Promise<readonly Fault[]> {
  const faults: Fault[] = []
  for (const named of listNamed(steps, resolve))
    if (!isMade(named, keyspace, made) && !(await exists(named, session))) faults.push(toFault(named))
  return faults
}
