import type { CommandResult, Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { migrationLabel } from '../core/migration-label.ts'
import type { Fault } from '../core/tool-error.ts'
import { ToolError } from '../core/tool-error.ts'
import { compareVersions } from '../core/version.ts'
import { checksumOf } from '../files/checksum.ts'
import { type OnlineRecord, onlineHoldName } from '../operate/online/record.ts'
import { toStatement } from '../sql/classify.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { Migration } from './migration.ts'
import { type OnlineServerOf, onlineServers } from './online-changes.ts'
import type { DatabaseState } from './plan/database-state.ts'
import { runTargets } from './run-targets.ts'
import type { ShardSteps } from './shard-steps.ts'
import type { OpenTarget, OpenTargets } from './targets.ts'

interface Held {
  readonly target: OpenTarget
  readonly record: OnlineRecord
}

/**
 * `online revert`: a rollback of the migration whose online change is taken back, in which its down part is the rename. Its journal, its guard and what follows a kill are
 * those of any rollback.
 */
export async function revertOnline(
  context: Context,
  config: Config,
  open: OpenTargets,
  { what, dryRun, killBlockers, shards }: RevertOptions,
): Promise<CommandResult> {
  const { target, record } = await chooseHeld(context, open, what)
  const name = target.database.name
  const own = withRename(findMigration(target, record), record, context.now())
  const replaced = (one: DatabaseState): DatabaseState => ({
    ...one,
    all: one.all.map((migration) => (migration.version === own.version ? own : migration)),
  })
  const chosen: OpenTarget = {
    ...target,
    ...replaced(target),
    database: target.database,
    resolve: (state) => replaced(target.resolve?.(state) ?? { ...target, state }),
  }
  return runTargets(
    context,
    config,
    { ...open, targets: [chosen] },
    {
      command: 'online revert',
      direction: 'down',
      to: null,
      steps: null,
      only: new Set([`${name}/${own.version}`]),
      dryRun,
      killBlockers,
      allow: ['RENAME_TABLE'],
      probe: false,
      shards,
      confirm: (plan) =>
        plan.targets.some(({ steps }) => steps.length > 0)
          ? context.confirm({
              what:
                `This takes back the online change of \`${record.table}\` in \`${name}/${migrationLabel(own)}\`: rows that were written since are carried to \`${record.hold}\`, which gets the name \`${record.table}\`. ` +
                'The table as it is now is kept under a hold name; the migration is pending then.',
              level: config.protected ? 'severe' : 'moderate',
              name: record.table,
            })
          : Promise.resolve(),
    },
  )
}

interface RevertOptions {
  /** A table, or the version or label of a migration. */
  readonly what: string
  readonly dryRun: boolean
  readonly killBlockers: boolean
  readonly shards: ShardSteps
}

/** The one change that is meant. Throws ToolError `USAGE`, and `ONLINE_REFUSED` where a change is there that cannot be taken back. */
async function chooseHeld(context: Context, { targets }: OpenTargets, what: string): Promise<Held> {
  const serverOf = await context.port(onlineServers)
  const all: Held[] = []
  for (const target of targets)
    for (const record of await serverOf(target.session).readRecords()) all.push({ target, record })
  const named = all.filter(({ target, record }) => isNamed(target, record, what))
  const held = named.filter(({ record }) => record.state === 'held' && record.takesBack === null)
  const newest = held.filter(
    ({ target, record }) =>
      !held.some((one) => one.target === target && one.record.table === record.table && isLater(one.record, record)),
  )
  const [first, ...others] = newest
  if (first === undefined) await refuseShard(targets, serverOf, what)
  if (first === undefined)
    throw new ToolError('USAGE', {
      what: `No online change of \`${what}\` can be taken back: no table as it was before is kept.`,
      next: 'Give a table or a migration that `wwdb online list` shows as held.',
    })
  if (others.length > 0)
    throw new ToolError('USAGE', {
      what: `\`${what}\` names several online changes: ${newest.map(({ target, record }) => `\`${record.table}\` of \`${target.database.name}\``).join(', ')}.`,
      next: 'Give the table, and the database with `--target`.',
    })
  return first
}

/** Throws ToolError `ONLINE_REFUSED` where a fan-out made the change: the ledger reverts a migration on all shards. */
async function refuseShard(targets: OpenTargets['targets'], serverOf: OnlineServerOf, what: string): Promise<void> {
  for (const target of targets) {
    const records = await serverOf(target.session).readAllRecords()
    const ofShard = records.find(({ table, version }) => table === what && version.includes('/'))
    if (ofShard === undefined) continue
    throw new ToolError('ONLINE_REFUSED', {
      what: `The online change of \`${what}\` cannot be taken back.`,
      where: { database: target.database.name, server: target.session.target.server },
      why: `\`${what}\` is a shard, and its migration ran on every shard of its family.`,
      next: `Run \`wwdb rollback\`, which runs the down part on every shard, or read what you need from \`${ofShard.hold}\`.`,
    })
  }
}

const isLater = (a: OnlineRecord, b: OnlineRecord): boolean =>
  a.pass > b.pass || (a.pass === b.pass && a.statement > b.statement)

function isNamed(target: OpenTarget, { table, version }: OnlineRecord, what: string): boolean {
  if (table === what) return true
  const migration = target.all.find((one) => one.version === version)
  const names = [version, ...(migration === undefined ? [] : [migrationLabel(migration)])]
  return names.some((name) => what === name || what === `${target.database.name}/${name}`)
}

/** The migration, of which this change must be the only statement: the journal reverts whole migrations. */
function findMigration(target: OpenTarget, { version, table }: OnlineRecord): Migration {
  const migration = target.all.find((one) => compareVersions(one.version, version) === 0)
  const fault = (why: string): Fault => ({
    what: `The online change of \`${table}\` cannot be taken back.`,
    where: { database: target.database.name, ...(migration === undefined ? {} : { file: migration.file }) },
    why,
    next: 'Nothing was changed. Write the change back as a migration of its own, or run `wwdb rollback` where the migration has a down part.',
  })
  if (migration === undefined)
    throw new ToolError('ONLINE_REFUSED', fault(`The file of its migration \`${version}\` is gone.`))
  const { up } = migration
  if (up.type !== 'statements' || up.statements.length !== 1)
    throw new ToolError(
      'ONLINE_REFUSED',
      fault('Its migration has other statements as well, which would count as reverted with it.'),
    )
  return migration
}

function withRename(migration: Migration, { table, hold, pass, statement }: OnlineRecord, now: number): Migration {
  const aside = onlineHoldName(table, migration.version, now)
  const text = `RENAME TABLE ${quoteName(table)} TO ${quoteName(aside)}, ${quoteName(hold)} TO ${quoteName(table)}`
  const piece = { type: 'statement', text, source: text, file: migration.file, line: 1, column: 1 } as const
  const renaming = {
    ...toStatement(piece, 0),
    online: { tool: null, back: { pass, statement, hold: aside } },
  } as const
  // A run that is killed leaves no record of the schema: its file does not say what this pass did.
  return { ...migration, checksum: checksumOf(text), down: { type: 'statements', statements: [renaming] } }
}
