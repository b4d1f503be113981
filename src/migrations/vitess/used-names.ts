import type { Fault } from '../../core/tool-error.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { Statement } from '../../sql/statement.ts'
import { backingOf, sequenceOf, usersOfSequence, type Vschema, vindexOf } from '../../sql/vschema.ts'
import { type Plan, type Step, stepName, type TargetPlan } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'

/** `ALTER VSCHEMA DROP TABLE` removes a sequence, too. */
const dropsSequence = /^(?:ALTER VSCHEMA DROP (?:TABLE|SEQUENCE)|DROP TABLE)$/

const statementsOf = (step: Step): readonly Statement[] => {
  const script = scriptOf(step)
  return script?.type === 'statements' ? script.statements.filter(({ index }) => index >= step.from) : []
}

/** Whether the plan of a target drops what another table may use. */
export const dropsUsable = ({ steps }: Pick<TargetPlan, 'steps'>): boolean =>
  steps.some((step) => statementsOf(step).some(({ verb }) => dropsSequence.test(verb)))

/** The steps that have ended when one has, in an order in which they run, that one last: those before it in its target, and those of others that it waits for. */
function listUntil(
  { targets }: Pick<Plan, 'targets'>,
  own: Pick<TargetPlan, 'target' | 'steps'>,
  last: Step,
): readonly (readonly [string, Step])[] {
  const found = new Map<Step, string>()
  const add = ({ target, steps }: Pick<TargetPlan, 'target' | 'steps'>, step: Step): void => {
    for (const one of steps.slice(0, steps.indexOf(step) + 1)) {
      if (found.has(one)) continue
      for (const name of one.after)
        for (const other of targets) {
          const before = other.steps.find((candidate) => stepName(candidate) === name)
          if (before !== undefined) add(other, before)
        }
      found.set(one, target.schema)
    }
  }
  add(own, last)
  return [...found].map(([step, keyspace]) => [keyspace, step])
}

type Resolve = (text: string) => string

/** What a VSchema is after a statement. */
function changed(vschema: Vschema, { verb, objects, text }: Statement, resolve: Resolve): Vschema {
  const [first] = objects
  if (first === undefined) return vschema
  const { vindexes, tables } = vschema
  const withTable = (change: Partial<Vschema['tables'][number]>): Vschema => ({
    ...vschema,
    tables: tables.map((table) => (table.name === first.name ? { ...table, ...change } : table)),
  })
  switch (verb) {
    case 'ALTER VSCHEMA DROP AUTO_INCREMENT':
      return withTable({ autoIncrement: null })
    case 'ALTER VSCHEMA ADD AUTO_INCREMENT': {
      const sequence = sequenceOf(resolve(text))
      const other = tables.filter(({ name }) => name !== first.name)
      const own = tables.find(({ name }) => name === first.name)
      const empty = { name: first.name, vindexes: [], isSequence: false, takesRows: true }
      const autoIncrement = sequence === null ? null : { column: '', sequence }
      return { ...vschema, tables: [...other, { ...empty, ...own, autoIncrement }] }
    }
    case 'ALTER VSCHEMA DROP VINDEX': {
      if (first.type === 'vindex') return { ...vschema, vindexes: vindexes.filter(({ name }) => name !== first.name) }
      const own = tables.find(({ name }) => name === first.name)
      const left = own?.vindexes.filter(({ name }) => name !== vindexOf(text))
      // Without a vindex, Vitess takes the table out of the VSchema, with its AUTO_INCREMENT.
      return left === undefined
        ? vschema
        : withTable({ vindexes: left, ...(left.length === 0 && { autoIncrement: null }) })
    }
    default:
      return vschema
  }
}

const quoted = (...names: readonly string[]): string => names.map(quoteName).join('.')

/** What a statement drops that is used, and why it must not be dropped. */
interface Use {
  /** `the table, which ...`, as part of a sentence. */
  readonly dropped: string
  readonly why: string
  readonly next: string
}

/** What still uses what a statement drops, as sentences: why it is not to be dropped, and what comes before. */
function findUse({ verb, objects }: Statement, keyspace: string, vschemas: readonly Vschema[]): readonly Use[] {
  if (!dropsSequence.test(verb)) return []
  return objects.flatMap(({ name }): readonly Use[] => {
    const numbered = usersOfSequence(vschemas, keyspace, name).map((user) => ({
      dropped: `the sequence ${quoted(keyspace, name)}, which numbers rows of ${quoted(user.keyspace, user.table)}`,
      why: user.isSure
        ? 'Vitess does not look who uses a sequence. Where the AUTO_INCREMENT of a table names one that is gone, vtgate takes no new rows for that table: at once, or once the table of the sequence is dropped.'
        : 'vtgate does not show in which keyspace the sequence of this name is that the table uses. Where its sequence is gone, vtgate takes no new rows for it.',
      next: `Let \`ALTER VSCHEMA ON ${quoteName(user.table)} DROP AUTO_INCREMENT\` run in \`${user.keyspace}\` first: in an earlier run, or in a migration that this one names in \`-- wwdb:requires\`.`,
    }))
    if (verb !== 'DROP TABLE') return numbered
    const looked = vschemas.flatMap((vschema) =>
      vschema.vindexes.flatMap((vindex) => {
        const by = `the vindex ${quoted(vschema.keyspace, vindex.name)}`
        const backing = backingOf(vindex)
        const others = vschema.tables.filter(
          (table) => table.name !== vindex.owner && table.vindexes.some((one) => one.name === vindex.name),
        )
        const isBacking = backing?.name === name && (backing.keyspace ?? vschema.keyspace) === keyspace
        const isOwner = vindex.owner === name && vschema.keyspace === keyspace && others.length > 0
        const next = `Let \`ALTER VSCHEMA ON ... DROP VINDEX ${quoteName(vindex.name)}\` and \`ALTER VSCHEMA DROP VINDEX ${quoteName(vindex.name)}\` run in \`${vschema.keyspace}\` first: in an earlier run, or in a migration that this one names in \`-- wwdb:requires\`.`
        if (isBacking)
          return [
            {
              dropped: `${quoted(keyspace, name)}, in which ${by} keeps its rows`,
              why: 'vtgate reads and writes that table with each row that the vindex concerns: without it, these statements fail.',
              next,
            },
          ]
        if (!isOwner) return []
        const users = others.map((one) => `\`${one.name}\``).join(', ')
        return [
          {
            dropped: `${quoted(keyspace, name)}, for whose rows ${by} is kept`,
            why: `${users} ${others.length === 1 ? 'uses' : 'use'} it as well. Only rows of its owner are entered there: new rows of other tables find no shard.`,
            next,
          },
        ]
      }),
    )
    return [...numbered, ...looked]
  })
}

/**
 * Statements of a target's plan that drop what a table of any keyspace still uses when they are to run. Vitess does not look. Pure.
 * @param vschemas those of all keyspaces, as they are before the plan
 */
export function findUsedNames(
  whole: Pick<Plan, 'targets'>,
  own: Pick<TargetPlan, 'target' | 'steps'>,
  vschemas: readonly Vschema[],
  resolve: Resolve,
): readonly Fault[] {
  const { schema: keyspace } = own.target
  return own.steps.flatMap((step): readonly Fault[] => {
    let now = vschemas
    let faults: readonly Fault[] = []
    for (const [where, one] of listUntil(whole, own, step))
      for (const statement of statementsOf(one)) {
        if (one === step)
          faults = [...faults, ...findUse(statement, keyspace, now).map((use) => toFault(use, statement, step))]
        now = now.map((vschema) => (vschema.keyspace === where ? changed(vschema, statement, resolve) : vschema))
      }
    return faults
  })
}

function toFault({ dropped, why, next }: Use, { file, line, column, verb, index }: Statement, step: Step): Fault {
  return {
    what: `Statement ${index + 1} of \`${file}\` (${verb}) drops ${dropped}.`,
    where: { file, line, column, database: step.migration.database },
    ...{ why, next },
  }
}
