import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { freeMoment } from '../../migrations/files/free-moment.ts'
import { timestampOf } from '../../migrations/files/migration-name.ts'
import { withOnly } from '../../migrations/made-migration.ts'
import { onlineServers } from '../../migrations/online-changes.ts'
import { runTargets } from '../../migrations/run-targets.ts'
import type { OpenTargets } from '../../migrations/targets.ts'
import { exitCodeWith, listUnreached } from '../../migrations/unreached.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { readScope } from '../../shards/schema-scope.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { hasEnded, readAside, type TableAside } from '../drift/find-held.ts'
import { toMigration } from '../drift/revert-drift.ts'
import { describeRows, mostCounted } from '../held-tables.ts'
import { plain } from '../render-sql.ts'

/**
 * `wwdb held`: the tables that `drift --revert` renamed aside and that online changes keep, and both ways to continue: dropping them after the grace, or restoring
 * their own names.
 */
export const command = defineCommand({
  name: 'held',
  group: 'Migrations',
  summary: 'list, drop or restore tables that are kept under a hold name',
  purpose:
    'Lists the tables that are kept under a hold name: those with rows that no migration created, which `drift --revert` renames instead of dropping them (kept for ' +
    '`drift.grace` of the configuration, by default 14 days after the rename); tables as they were before an online change (kept for `online.grace`); those that `-- wwdb:retire` hides, which `wwdb retire run` drops; and those in which ' +
    "batches with `-- wwdb:undo` keep rows. `--drop` drops the tables whose time has ended, by this machine's clock and by the server's, and asks about each by name, with the " +
    'number of its rows. `--restore` renames a table that drift moved aside back to its own name: it is drift again then.',
  examples: [
    { command: 'wwdb held', purpose: 'list the tables that are held, and until when' },
    { command: 'wwdb held --restore notes', purpose: 'take a revert back' },
    {
      command: 'wwdb held --drop --only notes --confirm notes',
      purpose: 'drop one whose time has ended, without a terminal',
    },
  ],
  flags: {
    'What to do': {
      drop: { description: 'drop the tables whose hold time has ended', conflicts: ['restore'] },
      restore: { value: 'NAME', description: 'rename the table back to this name', minLength: 1 },
      only: {
        value: 'NAME',
        description: 'with --drop, only the table with this name; may be repeated',
        repeatable: true,
      },
    },
    Safety: { dryRun },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  async run({ drop = false, restore, only = [], dryRun: isRehearsal = false }, context) {
    const answers = drop || restore !== undefined
    const access = { writable: answers && !isRehearsal, unreached: 'skip', missing: 'list' } as const
    return withTargets(context, access, async (config, open) => {
      const all = await readAll(context, config, open)
      if (restore !== undefined) {
        const named = chooseNamed(
          all.filter(({ undo }) => undo === undefined),
          [restore],
        )
        refuseOnline(named)
        await refuseTaken(open, named)
        return changeHeld(context, config, open, named, { isDrop: false, isRehearsal })
      }
      const chosen = only.length === 0 ? all : chooseNamed(all, only)
      const due = await chooseDue(open, chosen, context.now())
      if (drop && due.length > 0) return changeHeld(context, config, open, due, { isDrop: true, isRehearsal })
      const unreached = listUnreached(open.unreached)
      const exitCode = exitCodeWith(exitCodes.done, unreached.length > 0)
      const tables = chosen.map((one) => ({ ...one, isDue: due.includes(one) }))
      return { result: { kind: 'held-tables', tables, unreached }, exitCode }
    })
  },
})

async function readAll(
  context: Context,
  config: Config,
  { targets }: Pick<OpenTargets, 'targets'>,
): Promise<readonly TableAside[]> {
  const scope = await readScope(config)
  const online = () => context.port(onlineServers)
  return (await Promise.all(targets.map((target) => readAside(config, target, scope, online)))).flat()
}

/** Throws ToolError `USAGE` where a name is none of them. */
function chooseNamed(all: readonly TableAside[], names: readonly string[]): readonly TableAside[] {
  const isOf = (one: TableAside, name: string): boolean => one.name === name || one.table === name
  const lacking = names.find((name) => !all.some((one) => isOf(one, name)))
  if (lacking !== undefined)
    throw new ToolError('USAGE', {
      what: `No table \`${lacking}\` is on hold.`,
      next: 'Give a table that `wwdb held` lists.',
    })
  return all.filter((one) => names.some((name) => isOf(one, name)))
}

/** Throws ToolError `USAGE` where an online change keeps it: its name is that of the table now. */
function refuseOnline(chosen: readonly TableAside[]): void {
  const kept = chosen.find(({ change }) => change !== null)
  if (kept === undefined) return
  if (kept.isRetired === true)
    throw new ToolError('USAGE', {
      what: `\`${kept.name}\` was retired by the migration \`${kept.change}\`.`,
      where: { database: kept.database },
      next: `Run \`wwdb retire undo ${kept.name}\`.`,
    })
  if (kept.takenBack === true)
    throw new ToolError('USAGE', {
      what: `\`${kept.table}\` is \`${kept.name}\` as the online change in \`${kept.change}\` had made it, which was taken back.`,
      where: { database: kept.database },
      next: 'Run `wwdb migrate` to make the change again, or read what you need from that table.',
    })
  throw new ToolError('USAGE', {
    what: `\`${kept.table}\` is kept by the online change of \`${kept.name}\` in \`${kept.change}\`.`,
    where: { database: kept.database },
    next: `Run \`wwdb online revert ${kept.name}\`: it carries the rows that were written since.`,
  })
}

/** Throws ToolError `PLAN_IMPOSSIBLE` where another table has the name by now. */
async function refuseTaken({ targets }: OpenTargets, chosen: readonly TableAside[]): Promise<void> {
  for (const { database, table, name } of chosen) {
    const record = targets.find((one) => one.database.name === database)?.session.record
    const rows = (await record?.countRows([name], 1))?.get(name) ?? null
    if (rows === null) continue
    throw new ToolError('PLAN_IMPOSSIBLE', {
      what: `\`${name}\` of \`${database}\` cannot be restored: another table has its name.`,
      where: { database },
      next: `Rename that table, or rename \`${table}\` to another name by hand.`,
    })
  }
}

/** Tables whose hold has ended by both clocks: a wrong clock drops nothing. */
async function chooseDue(
  { targets }: Pick<OpenTargets, 'targets'>,
  all: readonly TableAside[],
  now: number,
): Promise<readonly TableAside[]> {
  const due: TableAside[] = []
  for (const { database, session } of targets) {
    const own = all.filter((one) => one.database === database.name && hasEnded(one, now))
    if (own.length === 0) continue
    const there = Number(await session.evaluate('UNIX_TIMESTAMP()')) * 1000
    due.push(...own.filter((one) => hasEnded(one, there)))
  }
  return due
}

const onlyOf = ({ targets }: OpenTargets, name: string): Pick<OpenTargets, 'targets'> => ({
  targets: targets.filter(({ database }) => database.name === name),
})

/** Under the locks: what others did between the question and the locks counts. Throws ToolError `PLAN_IMPOSSIBLE`. */
async function refuseNotDue(
  context: Context,
  config: Config,
  open: Pick<OpenTargets, 'targets'>,
  chosen: readonly TableAside[],
): Promise<void> {
  const due = await chooseDue(open, await readAll(context, config, open), context.now())
  const reached = new Set(open.targets.map(({ database }) => database.name))
  const other = chosen.find(
    ({ database, table }) =>
      reached.has(database) && !due.some((one) => one.database === database && one.table === table),
  )
  if (other === undefined) return
  throw new ToolError('PLAN_IMPOSSIBLE', {
    what: `\`${other.table}\` of \`${other.database}\` is not to be dropped any more.`,
    where: { database: other.database },
    why: 'Another run used it, or changed until when it is kept, after the question. Nothing was dropped.',
    next: 'See `wwdb held` for what is kept now.',
  })
}

/** Drops tables, or restores their own names: a plan without files, under the lock, with the journal. */
async function changeHeld(
  context: Context,
  config: Config,
  open: OpenTargets,
  chosen: readonly TableAside[],
  { isDrop, isRehearsal }: { readonly isDrop: boolean; readonly isRehearsal: boolean },
): Promise<CommandResult> {
  const version = timestampOf(new Date(freeMoment(context.now(), open.targets)))
  const migrations = [...new Set(chosen.map(({ database }) => database))].map((database) => {
    const texts = chosen.filter((one) => one.database === database).map((one) => textOf(one, isDrop))
    const up = texts.map((text) => ({ ...plain(text), place: 'tables' as const, hazards: [] }))
    const name = isDrop ? 'drop_held' : 'restore_held'
    return toMigration({ database, name, up, down: [], after: [] }, version, [])
  })
  const targets = open.targets
    .filter(({ database }) => chosen.some((one) => one.database === database.name))
    .map((target) =>
      withOnly(
        target,
        migrations.filter(({ database }) => database === target.database.name),
      ),
    )
  let isAsked = false
  return runTargets(
    context,
    { ...config, outOfOrder: 'allow' },
    { ...open, targets, neighbors: [] },
    {
      command: isDrop ? 'held --drop' : 'held --restore',
      direction: 'up',
      to: null,
      steps: null,
      probe: false,
      shards: shardSteps(context, config, { probe: false }),
      drift: 'off',
      // Tables in which batches keep rows are wwdb's own.
      allow: isDrop ? ['DROP_TABLE', 'WRITE_JOURNAL'] : [],
      dryRun: isRehearsal,
      // A restored table is drift again.
      reverts: Object.fromEntries(targets.map(({ database }) => [database.name, {}])),
      ...(isDrop
        ? { before: ({ database }: Target) => refuseNotDue(context, config, onlyOf(open, database), chosen) }
        : {}),
      confirm: async () => {
        if (!isAsked && isDrop) await confirmDrops(context, open, chosen)
        isAsked = true
      },
    },
  )
}

function textOf({ table, name }: TableAside, isDrop: boolean): string {
  return isDrop ? `DROP TABLE ${quoteName(table)}` : `RENAME TABLE ${quoteName(table)} TO ${quoteName(name)}`
}

/** Each by its name: without a terminal, `--confirm` names one, and `--only` selects it. */
async function confirmDrops(
  { confirm }: Context,
  { targets }: OpenTargets,
  chosen: readonly TableAside[],
): Promise<void> {
  for (const { database, table, name, since, change, undo, takenBack, hasCarried } of chosen) {
    const record = targets.find((one) => one.database.name === database)?.session.record
    const counted = (await record?.countRows([table], mostCounted + 1))?.get(table) ?? null
    const isMore = counted !== null && counted > mostCounted
    const rows = describeRows({ rows: isMore ? mostCounted : counted, isMore })
    await confirm({
      what:
        undo !== undefined
          ? `This drops \`${name}\` of \`${database}\`, in which the batch of ${undo.version} keeps ${rows} of \`${undo.table}\` as they were.`
          : change === null
            ? `This drops \`${name}\` of \`${database}\`, which was renamed on ${since.slice(0, 10)} and has ${rows}.`
            : takenBack === true
              ? `This drops \`${table}\` of \`${database}\`, which is \`${name}\` as the online change in \`${change}\` had made it before it was taken back on ${since.slice(0, 10)}, and has ${rows}. What only that table has is gone then.`
              : `This drops \`${table}\` of \`${database}\`, which is \`${name}\` as it was before the online change of ${since.slice(0, 10)} and has ${rows}. The change cannot be taken back then.${hasCarried === true ? ' A revert of it ended without putting the table back: rows that were written since may be in it.' : ''}`,
      level: 'severe',
      name,
    })
  }
}
