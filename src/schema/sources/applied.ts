import type { Context } from '../../command/context.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { judgeJournals } from '../../migrations/judge-journals.ts'
import { findReach } from '../replay-reach.ts'

/** What the journals of all databases record. */
export interface AppliedSteps {
  /** Steps that ran completely, by name: `user_db/0001`. */
  readonly done: ReadonlySet<string>
  /** Databases with a migration that is in progress or stopped half way, and its label: their expected state is unknown. */
  readonly unfinished: ReadonlyMap<string, string>
  /** Databases whose journals could not be read. */
  readonly unreached: readonly UnreachedTarget[]
}

const wholeStates: ReadonlySet<string> = new Set(['applied', 'baseline', 'changed', 'outdated'])
const unfinishedStates: ReadonlySet<string> = new Set(['running', 'partial', 'reverting'])

/**
 * For all databases, because one may need another, except for those whose files have faults and that the chosen ones do not need. Throws
 * ToolError `SCHEMA_UNKNOWN` where the file of an applied migration is missing.
 */
export async function findApplied(context: Context): Promise<AppliedSteps> {
  const reach = await findReach(await context.config(), context.targets)
  const { journals, unreached } = await judgeJournals({ ...context, targets: [...(reach ?? [])] })
  const all = journals.flatMap(({ target, migrations }) =>
    migrations.map((one) => ({ ...one, database: target.database })),
  )
  const gone = all.filter(({ state }) => state === 'missing')
  if (gone.length > 0) {
    throw new ToolError(
      'SCHEMA_UNKNOWN',
      gone.map(({ database, version, name }) => ({
        what: `The result of the applied migrations is not known: the file of \`${version}_${name}\` is missing.`,
        where: { database },
        next: 'Restore the file, or compare with `wwdb schema diff --to files`.',
      })),
    )
  }
  const under = all.filter(({ state }) => unfinishedStates.has(state))
  return {
    done: new Set(
      all.filter(({ state }) => wholeStates.has(state)).map(({ database, version }) => `${database}/${version}`),
    ),
    unfinished: new Map(under.map(({ database, version, name }) => [database, `${version}_${name}`])),
    unreached,
  }
}
