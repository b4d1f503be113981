import type { CommandResult, Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { migrationLabel } from '../core/migration-label.ts'
import { ToolError } from '../core/tool-error.ts'
import { hasRetired, retireStores } from '../migrations/retirements.ts'
import { runTargets } from '../migrations/run-targets.ts'
import type { ShardSteps } from '../migrations/shard-steps.ts'
import type { OpenTarget, OpenTargets } from '../migrations/targets.ts'
import { isWaiting, type RetiredRecord } from '../operate/retire/record.ts'
import { nameRetired } from '../operate/retire/retirement.ts'
import { settleRetired, writeSettled } from './settle.ts'

interface UndoOptions {
  /** `users.nick` */
  readonly what: string
  readonly dryRun: boolean
  readonly shards: ShardSteps
}

interface Found {
  readonly target: OpenTarget
  readonly record: RetiredRecord
}

/**
 * `retire undo`: a rollback of the migration that retired it, in which its down part puts back what is only hidden. Its journal, its guard and what follows a kill are those
 * of any rollback, and the migration is pending then.
 */
export async function undoRetired(
  context: Context,
  config: Config,
  open: OpenTargets,
  { what, dryRun, shards }: UndoOptions,
): Promise<CommandResult> {
  const { target, record } = await choose(context, open, what, !dryRun)
  const migration = target.all.find(({ version }) => version === record.version)
  if (migration === undefined) throw withoutFile(target, record)
  const name = target.database.name
  return runTargets(
    context,
    config,
    { ...open, targets: [target] },
    {
      command: 'retire undo',
      direction: 'down',
      to: null,
      steps: null,
      only: new Set([`${name}/${migration.version}`]),
      dryRun,
      allow: [],
      probe: false,
      shards,
      confirm: (plan) => {
        const count = plan.targets.flatMap(({ steps }) => steps).reduce((sum, { total }) => sum + total, 0)
        if (count === 0) return Promise.resolve()
        const beside = count === 1 ? '' : `, with the other statements of its down part (${count} in all)`
        return context.confirm({
          what: `This puts back \`${what}\` of \`${name}\`, which \`${migrationLabel(migration)}\` retired${beside}: the migration is pending then.`,
          level: config.protected ? 'severe' : 'moderate',
          name: what,
        })
      },
    },
  )
}

/** Throws ToolError `USAGE` where it names none or several. */
async function choose(context: Context, { targets }: OpenTargets, what: string, writes: boolean): Promise<Found> {
  const found: Found[] = []
  for (const target of targets.filter(({ snapshot }) => hasRetired(snapshot))) {
    const store = (await context.port(retireStores))(target.session)
    const settled = await settleRetired(store, target)
    if (writes) await writeSettled(store, settled)
    for (const { record } of settled)
      if (isWaiting(record) && nameRetired(record) === what) found.push({ target, record })
  }
  // An index has often the name of its column: what was retired last is put back first.
  const [first, ...others] = found.toReversed()
  if (first === undefined)
    throw new ToolError('USAGE', {
      what: `\`${what}\` is not retired.`,
      next: 'Give a table, or a column or an index behind its table, that `wwdb retire list` shows.',
    })
  if (others.some(({ target }) => target !== first.target))
    throw new ToolError('USAGE', {
      what: `\`${what}\` is retired in several databases.`,
      next: 'Name the database with `--target`.',
    })
  return first
}

function withoutFile({ database }: OpenTarget, record: RetiredRecord): ToolError {
  return new ToolError('RETIRE_REFUSED', {
    what: `The retirement of \`${nameRetired(record)}\` cannot be undone: the file of its migration \`${record.version}\` does not exist.`,
    where: { database: database.name },
    next: 'Restore the file from version control, then run this again.',
  })
}
