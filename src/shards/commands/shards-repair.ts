import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { allow, dryRun, errorBudget, families, reason } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { applyAllowances } from '../../lint/allowances.ts'
import { type Hazard, stopsRun } from '../../lint/rule.ts'
import { onlineChanges } from '../../migrations/online-changes.ts'
import { targetServers } from '../../migrations/ports.ts'
import type { FamilyAlterations, FamilyRepair } from '../answers.ts'
import { refuseMovedRepairs, repairTarget } from '../fan-out/repair-target.ts'
import { fanOutServices, withFanOutPlace } from '../fan-out/services.ts'
import { type AlteredFamily, inspectAlterations } from '../inspect/inspect-alterations.ts'
import { readReachable, readShardProject, type ShardProject } from '../project.ts'
import { acknowledge } from '../rotation/acknowledge-losses.ts'

/** `wwdb shards repair`: runs the ALTERs of `shards diff` on every shard that differs from its template. */
export const command = defineCommand({
  name: 'shards repair',
  group: 'Sharded tables',
  summary: 'alter shards to match their template',
  purpose:
    'Runs the ALTER TABLE statements that `shards diff` prints, as a fan-out: for each set of differences one ' +
    'shard first, alone, then the others over several connections, with each statement in the ledger, so that a ' +
    'killed run leaves nothing unknown. Asks before it starts. Statements that remove or narrow data must be ' +
    'allowed by their code. With `--acknowledge-loss` it changes no table: a shard whose table was dropped ' +
    'outside of wwdb together with its rows is a finding of every check until a person acknowledges it.',
  examples: [
    { command: 'wwdb shards repair --dry-run', purpose: 'see what would run' },
    { command: 'wwdb shards repair --family messages --yes', purpose: 'one family, without a question' },
    { command: 'wwdb shards repair --allow DROP_COLUMN', purpose: 'even where a column goes with its values' },
    {
      command: 'wwdb shards repair --family messages --acknowledge-loss 2024-03 --reason restored',
      purpose: 'say that lost rows are known',
    },
  ],
  flags: {
    'What to repair': { family: families },
    Safety: {
      dryRun,
      allow: { ...allow, description: 'allow a hazard, for example DROP_COLUMN; may be repeated' },
      errorBudget,
    },
    'Lost rows': {
      acknowledgeLoss: {
        value: 'KEY',
        description:
          'record that a person knows that rows of this shard are lost, without repairing anything; may be repeated',
        repeatable: true,
      },
      reason,
    },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const { acknowledgeLoss = [], reason = '' } = options
    if (acknowledgeLoss.length > 0 && options.dryRun === true) throw dryAcknowledgement()
    if (acknowledgeLoss.length > 0) return acknowledge(context, options.family ?? [], acknowledgeLoss, reason)
    const started = performance.now()
    const project = await readShardProject(context, options.family ?? [])
    const looks = await readReachable(project, (store, database) =>
      inspectAlterations(project.request, database, store),
    )
    const { seen: altered, unseen } = looks
    const plan = altered.flatMap(({ families }) => families.map(({ alterations }) => alterations))
    if (options.dryRun === true)
      return { result: { kind: 'shard-diff', families: plan, unseen }, exitCode: looks.exitCode ?? exitCodes.done }
    refuseKeyspaces(project.databases)
    // First: nobody should allow a hazard of what is refused then.
    refuseMovedRepairs(altered.flatMap(({ families }) => families))
    approve(plan, options.allow ?? [])
    refuseProtected(altered.flatMap(({ families }) => families))
    const wanted = plan.filter(({ groups }) => groups.length > 0)
    if (wanted.length > 0) await context.confirm({ what: describe(wanted), level: 'moderate', name: 'repair' })
    context.emit({ type: 'run-started', command: 'shards repair', targets: wanted.map(({ target }) => target) })
    const families = await repairEach(project, context, wanted, options.errorBudget ?? 0)
    const failed = families.some((family) => family.failed.length > 0 || family.left > 0)
    return {
      result: { kind: 'shard-repair', families, acknowledged: [], unseen, milliseconds: performance.now() - started },
      exitCode: failed ? exitCodes.failed : (looks.exitCode ?? exitCodes.done),
    }
  },
})

/** Throws ToolError `SERVER_UNSUPPORTED`: shards are altered by a fan-out, with its ledger under a named lock. */
function refuseKeyspaces(databases: ShardProject['databases']): void {
  const keyspaces = databases.filter(({ vitess }) => vitess !== undefined)
  if (keyspaces.length === 0) return
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `\`wwdb shards repair\` does not alter shards in a keyspace (${keyspaces.map(({ name }) => `\`${name}\``).join(', ')}).`,
    why: 'On MySQL it alters them as a fan-out, whose ledger needs a named lock, and vtgate has none that holds.',
    next: '`wwdb shards diff --sql` prints the statements: write them as a migration. `--acknowledge-loss` works there.',
  })
}

function dryAcknowledgement(): ToolError {
  const fault = {
    what: '`--acknowledge-loss` has no plan for `--dry-run` to show.',
    next: 'List lost rows with `wwdb shards check`.',
  }
  return new ToolError('USAGE', fault)
}

function describe(plan: readonly FamilyAlterations[]): string {
  const families = plan.map(({ family, groups }) => {
    const tables = groups.reduce((sum, group) => sum + group.tables.length, 0)
    return `${tables} of ${family}`
  })
  return `Shards are altered to match their template: \`${families.join('`, `')}\`.`
}

/** A change that loses data must be allowed by its code, as in a migration. Throws ToolError `HAZARDS`, `UNKNOWN_HAZARD` (64). */
function approve(plan: readonly FamilyAlterations[], allow: readonly string[]): void {
  const located = plan.flatMap(({ family, target, groups }) =>
    groups.flatMap(({ hazards, tables }) => hazards.map((hazard) => ({ hazard, family, target, tables }))),
  )
  // These cannot be accepted in a file: a protected environment requires --allow-protected beside the flag.
  const { stopped } = applyAllowances(
    located.map(({ hazard }) => hazard),
    { allow, protected: false },
  )
  const refused = located.filter(({ hazard }) => stopsRun(hazard) && stopped.includes(hazard))
  if (refused.length === 0) return
  throw new ToolError(
    'HAZARDS',
    refused.map(({ hazard, target, tables }) => ({
      what: `${hazard.code}${tables.length === 1 ? '' : ` on ${tables.length} shards, of which the first`}: ${nameTable(hazard, tables)}`,
      where: { database: target.database, server: target.server },
      why: hazard.why,
      next: adviseOn(hazard),
    })),
  )
}

/** Nothing is removed from a protected shard, allowed or not. Throws ToolError `SHARD_PROTECTED`. */
function refuseProtected(families: readonly AlteredFamily[]): void {
  const faults = families.flatMap(({ shards, alterations: { groups, target } }) => {
    const taking = new Set(groups.filter(({ hazards }) => hazards.length > 0).flatMap(({ tables }) => tables))
    return shards.flatMap(({ shard: { table }, record }) => {
      const protection = record?.protection ?? null
      if (protection === null || !taking.has(table)) return []
      return [
        {
          what: `\`${table}\` cannot be altered: it is protected by ${protection.by} (${protection.reason}).`,
          where: { database: target.database, server: target.server },
          why: 'The ALTER TABLE that matches it to its template would remove values.',
          next: 'Unprotect it with `wwdb shards unprotect`, or leave out its family with `--family`.',
        },
      ]
    })
  })
  if (faults.length > 0) throw new ToolError('SHARD_PROTECTED', faults)
}

function nameTable({ statement }: Hazard, [first = '']: readonly string[]): string {
  return statement.replaceAll('{{table}}', first)
}

function adviseOn({ code }: Hazard): string {
  return `If the template is right, pass \`--allow ${code}\`. If the table is right, change the template with a migration with \`-- wwdb:shards\`.`
}

/** One target after another, each under its lock, on the session that leads the fan-outs. */
async function repairEach(
  { request, databases }: ShardProject,
  context: Context,
  approved: readonly FamilyAlterations[],
  errorBudget: number,
): Promise<readonly FamilyRepair[]> {
  const { config } = request
  const { emit, stop } = context
  const services = fanOutServices(context, config, { errorBudget, probe: false })
  const servers = await context.port(targetServers)
  const repairs: FamilyRepair[] = []
  for (const database of databases) {
    if (stop.requested || !approved.some(({ target }) => target.database === database.name)) continue
    const session = await servers.open(database, config.timeouts, true)
    try {
      const { target, facts } = session
      // Refuses before a shard is changed where the ledger cannot be written either.
      await session.readJournal()
      await session.lock(config.timeouts.lock, (holder, milliseconds) =>
        emit({ type: 'lock-waiting', target, holder, milliseconds }),
      )
      const online = onlineChanges(context, config)
      const work = { ...request, database, approved, errorBudget, emit, stop, online }
      const done = await withFanOutPlace(services, database, config.timeouts, facts.connectionId, (place) =>
        repairTarget({ ...work, ...place }),
      )
      repairs.push(...done)
      await session.unlock()
    } finally {
      await session.close()
    }
  }
  return repairs
}
