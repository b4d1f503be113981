import type { Config } from '../../config/config.ts'
import { defineCommand } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import type { Holder } from '../../core/event.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Migration } from '../../core/migration.ts'
import { exitCode } from '../../core/shared-flags.ts'
import { ToolError } from '../../core/tool-error.ts'
import { judgeDrift } from '../../schema/drift.ts'
import { compareWithRecord } from '../../schema/recorded-drift.ts'
import { addShardProgress } from '../../shards/fan-out/services.ts'
import { readScope } from '../../shards/schema-scope.ts'
import type { TargetStatus } from '../journal/status.ts'
import { describeMigrations, describePending, judgeTarget, markRunning, needsAttention } from '../journal/status.ts'
import { snapshotOptions } from '../record-schema.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from '../targets.ts'
import { exitCodeWith, listUnreached } from '../unreached.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb status`: what is applied, pending, partial or changed, and what stands against a run. Writes nothing. */
export const command = defineCommand({
  name: 'status',
  group: 'Migrations',
  summary: 'what is applied, pending, partial or changed',
  purpose:
    'Compares the migration files with the journal of every database. Shows what is pending, what stopped half way ' +
    'and at which statement, which applied files were edited since, and which are gone. Writes nothing.',
  examples: [
    { command: 'wwdb status', purpose: 'every database at a glance' },
    { command: 'wwdb status --exit-code --quiet', purpose: 'in a deployment: 1 when something is pending' },
  ],
  flags: { 'What to show': { pending: { description: 'only what is not applied' }, exitCode } },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  run(options, context) {
    return withTargets(
      context,
      { writable: false, missing: 'skip', unreached: 'skip' },
      async (config, open, migrations) => {
        const present = await Promise.all(open.targets.map((target) => judgePresent(context, config, target)))
        const judged = [...present, ...judgeAbsent(open, migrations)]
        const all = judged.map(({ status }) => status).sort((a, b) => (a.target.database < b.target.database ? -1 : 1))
        const sum = (count: (one: Judged) => number): number => judged.reduce((total, one) => total + count(one), 0)
        const pending = sum((one) => one.pending)
        const running = sum((one) => one.running)
        const unfinished = pending + running + sum(({ status }) => status.findings.length)
        const targets =
          options.pending === true
            ? all.map((target) => ({ ...target, migrations: target.migrations.filter(needsAttention) }))
            : all
        const unreached = listUnreached(open.unreached)
        const exitCode = options.exitCode === true && unfinished > 0 ? exitCodes.findings : exitCodes.done
        return {
          result: { kind: 'status', targets, unreached, pending, running },
          exitCode: exitCodeWith(exitCode, unreached.length > 0),
        }
      },
    )
  },
})

interface Judged {
  readonly status: TargetStatus
  readonly pending: number
  readonly running: number
}

async function judgePresent(context: Context, config: Config, opened: OpenTarget): Promise<Judged> {
  const holder = await findHolder(context, config, opened)
  // Between the reading of the journal and the look at the lock the run may have gone on.
  const target = holder === null && hasOpenRows(opened) ? await refreshTarget(opened) : opened
  const described = await addShardProgress(context, config, target, describeMigrations(target))
  const migrations = holder === null ? described : markRunning(described, target, holder)
  const { pending, findings } = judgeTarget(target, config.outOfOrder)
  const drift = await countDrift(context, config, target)
  const running = migrations.filter(({ state }) => state === 'running').map(({ version }) => version)
  return {
    status: {
      target: target.session.target,
      serverVersion: target.session.facts.version,
      schemaExists: true,
      migrations,
      ...(drift === null ? {} : { drift }),
      findings,
    },
    pending: [...pending].filter((version) => !running.includes(version)).length,
    running: running.length,
  }
}

/** Null where nothing is recorded, or the schema cannot be read: that hides no migration. */
async function countDrift(context: Context, config: Config, target: OpenTarget): Promise<number | null> {
  if (!target.snapshot.exists) return null
  try {
    const found = await compareWithRecord(
      target,
      snapshotOptions(config.databases, target.database, await readScope(config)),
    )
    if (found === null || found.isUnknown) return null
    const today = new Date(context.now()).toISOString().slice(0, 10)
    return judgeDrift(target.database.name, found.differences, config.drift, today).differences.length
  } catch (error) {
    if (error instanceof ToolError) return null
    throw error
  }
}

const hasOpenRows = ({ snapshot }: OpenTarget): boolean => snapshot.passes.some((pass) => pass.open > 0)

/** Who carries out the statement that the journal has open; null where no connection does, or it cannot be seen. */
async function findHolder(context: Context, config: Config, target: OpenTarget): Promise<Holder | null> {
  if (!hasOpenRows(target)) return null
  try {
    const servers = await context.mysql.servers()
    const administration = await servers.administrate(target.database, config.timeouts)
    try {
      return await administration.readLock()
    } finally {
      await administration.close()
    }
  } catch (error) {
    if (error instanceof ToolError) return null
    throw error
  }
}

/** Databases whose schemas do not exist yet. */
function judgeAbsent(
  { missing }: OpenTargets,
  migrations: ReadonlyMap<string, readonly Migration[]>,
): readonly Judged[] {
  return missing.map((database) => {
    const { name, schema, server } = database
    const pending = describePending(migrations.get(name) ?? [])
    const target = { database: name, schema, server: server.label }
    return {
      status: { target, serverVersion: null, schemaExists: false, migrations: pending, findings: [] },
      pending: pending.length,
      running: 0,
    }
  })
}
