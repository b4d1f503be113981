import type { CommandResult, Context } from '../../command/context.ts'
import type { Answers } from '../../command/result.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import type { SchemaDiff } from '../diff.ts'
import { countDiffering } from '../drift.ts'
import { listUncompared } from '../uncompared.ts'
import { listUneven, type UnevenLine } from '../uneven-schema.ts'
import { type FoundDrift, type FoundDrifts, findDrifts } from './find-drift.ts'
import type { RenameFlags } from './rename-flags.ts'

type DriftAnswer = CommandResult<Answers['schema-diff']>

/** Changes of the chosen databases since the last run of wwdb recorded them. Writes nothing. */
export function compareWithRecords(context: Context): Promise<DriftAnswer> {
  const access = { writable: false, unreached: 'skip', missing: 'list' } as const
  return withTargets(context, access, async (config, open) => {
    const found = await findDrifts(context, config, open, { replay: false, isFresh: false, only: [] })
    return answerDrifts(context, config, found, { to: 'recorded', said: { rename: [], notRenamed: [] } })
  })
}

interface Compared {
  /** What the databases were compared with. */
  readonly to: 'applied' | 'recorded'
  /** The user's answers about renames. */
  readonly said: RenameFlags
}

/** The differences as an answer; expired entries of `drift.ignore` are a warning. */
export async function answerDrifts(
  context: Context,
  config: Config,
  { found, unreached }: FoundDrifts,
  { to, said }: Compared,
): Promise<DriftAnswer> {
  const differences = found.reduce((sum, one) => sum + one.differences.length, 0)
  const isFinding = found.some((one) => countDiffering(one) > 0)
  const exitCode = exitCodeWith(isFinding ? exitCodes.findings : exitCodes.done, unreached.length > 0)
  const databases = await describeAll(config, found, said)
  const ignored = found.flatMap((one) => one.ignored)
  warnOfEnded(context, found)
  const held = found.flatMap((one) => one.aside)
  const leftovers = found.flatMap((one) => one.leftovers)
  const uneven = unevenOf(found)
  const uncompared = listUncompared(
    found.map(({ target: { database }, vschema, reading }) => ({
      ...{ database, vschema, fault: reading.vschemaFault, unseen: reading.vschemaUnseen },
    })),
  )
  const compared = {
    from: 'live',
    to,
    databases,
    differences,
    ignored,
    ...(held.length > 0 && { held }),
    ...(leftovers.length > 0 && { leftovers }),
    ...(uneven.length > 0 && { uneven }),
    ...(uncompared.length > 0 && { uncompared }),
    unreached,
  }
  return { result: { kind: 'schema-diff', ...compared }, exitCode }
}

/** Objects that are not the same on all shards of their keyspace. */
export const unevenOf = (found: readonly FoundDrift[]): readonly UnevenLine[] =>
  listUneven(found.map(({ target: { database }, uneven }) => ({ database, uneven })))

function warnOfEnded({ emit }: Context, found: readonly FoundDrift[]): void {
  for (const { object, until } of found.flatMap((one) => one.ended)) {
    const message = `\`drift.ignore\` of \`${object}\` ended on ${until}: the difference is a finding again.`
    emit({ type: 'warning', message, target: null })
  }
}

async function describeAll(
  { databases }: Pick<Config, 'databases'>,
  found: readonly FoundDrift[],
  said: RenameFlags,
): Promise<readonly SchemaDiff[]> {
  if (!found.some(({ differences }) => differences.length > 0) && said.rename.length + said.notRenamed.length === 0)
    return found.map(({ reading: { snapshot, hidden } }) => {
      return { database: snapshot.database, differences: [], forward: [], backward: [], renames: [], hidden }
    })
  const [{ describeDrifts }, { showSchemas }, { readRenames, withOpenRenames }, { sidesOf }] = await Promise.all([
    import('../describe-drift.ts'),
    import('./show-schemas.ts'),
    import('./settle-renames.ts'),
    import('./answer-drift.ts'),
  ])
  const { renames, open } = readRenames(sidesOf(found), said)
  return withOpenRenames(showSchemas(describeDrifts(found, renames), databases), open)
}
