import type { CommandResult, Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import type { Reverts } from '../../ddl/recorded-schema.ts'
import { fingerprintObject } from '../../ddl/snapshot.ts'
import { checksumOf } from '../../files/checksum.ts'
import { freeMoment } from '../../migrations/files/free-moment.ts'
import { timestampOf } from '../../migrations/files/migration-name.ts'
import { madeMigration, withOnly } from '../../migrations/made-migration.ts'
import type { Migration } from '../../migrations/migration.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import { runTargets } from '../../migrations/run-targets.ts'
import type { OpenTargets } from '../../migrations/targets.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { readScope } from '../../shards/schema-scope.ts'
import { refuseByHand, warnOfHandWork } from '../by-hand.ts'
import { diffDatabases, type SchemaDiff, type SchemaPair } from '../diff.ts'
import { describeRows, holdInstead } from '../held-tables.ts'
import { orderSaved, type SavedStep } from '../order-saved.ts'
import { printSql } from '../print-sql.ts'
import { invertAll, type RenamesAround } from '../renames.ts'
import { renderStatements } from '../render-sql.ts'
import { nameOwn } from '../write/save-migration.ts'
import { areAsFound, changedMeanwhile, pairDrifts, refuseUnproven, sidesOf } from './answer-drift.ts'
import type { FoundDrift } from './find-drift.ts'
import { endOfGrace } from './find-held.ts'
import type { RenameFlags } from './rename-flags.ts'
import { settleRenames } from './settle-renames.ts'
import { nameSchemas } from './show-schemas.ts'

/** `drift --revert`: the statements that revert the differences, as a run of migrations without files, in an order that runs across all databases. */
export async function revertDrift(
  context: Context,
  config: Config,
  open: OpenTargets,
  found: readonly FoundDrift[],
  {
    said,
    ...options
  }: {
    readonly dryRun: boolean
    readonly allow: readonly string[]
    readonly probe: boolean
    readonly said: RenameFlags
  },
): Promise<CommandResult> {
  refuseUnproven(found)
  const renames = await settleRenames(context, sidesOf(found), said)
  const migrations = planReverts(found, invertAll(renames), context.now())
  const targets = open.targets.map((target) =>
    withOnly(
      target,
      migrations.filter(({ database }) => database === target.database.name),
    ),
  )
  const count = found.reduce((sum, { differences }) => sum + differences.length, 0)
  let isAsked = false
  return runTargets(
    context,
    { ...config, outOfOrder: 'allow' },
    { ...open, targets, neighbors: [] },
    {
      ...options,
      command: 'drift --revert',
      direction: 'up',
      to: null,
      steps: null,
      shards: shardSteps(context, config, options),
      drift: 'off',
      reverts: Object.fromEntries(found.map((one) => [one.target.database.name, wantedOf(one)])),
      confirm: async (plan) => {
        // Computed again under the lock where the journal changed while the run waited for it.
        if (isAsked) return refuseChanged(config, found)
        isAsked = true
        if (!plan.targets.some(({ steps }) => steps.length > 0)) return
        await confirmHeld(context, config, found, migrations)
        await context.confirm({
          what: `This reverts ${count === 1 ? 'the manual change of one object' : `the manual changes of ${count} objects`}.`,
          level: config.protected ? 'severe' : 'moderate',
          name: 'revert',
        })
      },
    },
  )
}

/** The same statements for the mysql client. */
export async function printReverts(
  context: Context,
  config: Config,
  found: readonly FoundDrift[],
  said: RenameFlags,
): Promise<string> {
  const renames = invertAll(await settleRenames(context, sidesOf(found), said))
  const pairs = pairDrifts(found, 'wanted')
  const schemas = new Map(found.map(({ target: { database } }) => [database.name, database.schema]))
  const diffs = diffReverts(found, pairs, renames)
  warnOfHandWork(context, diffs)
  return nameSchemas(printSql(diffs, pairs, schemas, found.length > 1), config.databases)
}

/** Throws ToolError `PLAN_STALE` where an object differs from the one for which the statements were written. */
async function refuseChanged(config: Config, found: readonly FoundDrift[]): Promise<void> {
  const scope = await readScope(config)
  for (const { target, differences } of found) {
    const { database, session } = target
    const live = await session.record?.readLive(snapshotOptions(config.databases, database, scope))
    if (!areAsFound(differences, live)) throw changedMeanwhile(database.name)
  }
}

function wantedOf({ differences }: FoundDrift): Reverts {
  return Object.fromEntries(
    differences.map(({ key, wanted }) => [key, wanted === null ? null : fingerprintObject(wanted)]),
  )
}

/** The statements that revert the differences; no table with rows is dropped. */
function diffReverts(
  found: readonly FoundDrift[],
  pairs: readonly SchemaPair[],
  renames: RenamesAround,
): readonly SchemaDiff[] {
  const heldIn = new Map(found.map(({ target, held }) => [target.database.name, held]))
  return diffDatabases(pairs, renames, true).map((diff) => holdInstead(diff, heldIn.get(diff.database) ?? []))
}

/** Each table with rows that is held, by its name: without a terminal, `--confirm` names one, and `--only` selects it. */
async function confirmHeld(
  { confirm, now }: Context,
  { drift }: Config,
  found: readonly FoundDrift[],
  migrations: readonly Migration[],
): Promise<void> {
  const texts = migrations.flatMap(({ up }) => (up.type === 'statements' ? up.statements.map(({ text }) => text) : []))
  const earliest = new Date(endOfGrace(now(), drift.grace)).toISOString().slice(0, 10)
  // A table that gets its former name back is not held.
  for (const { target, held } of found)
    for (const table of held.filter(({ hold }) => texts.some((text) => text.includes(hold))))
      await confirm({
        what:
          `\`${table.name}\` of \`${target.database.name}\` has ${describeRows(table)}, and no migration made it: it is renamed to \`${table.hold}\`, ` +
          `and not dropped. It stays there until \`wwdb held --drop\` drops it, on ${earliest} at the earliest; \`wwdb held --restore\` brings it back.`,
        level: 'severe',
        name: table.name,
      })
}

/** One per database where that is possible; for databases that depend on each other, versions are a second apart. */
function planReverts(found: readonly FoundDrift[], renames: RenamesAround, now: number): readonly Migration[] {
  const pairs = pairDrifts(found, 'wanted')
  const made = new Map<SavedStep, Migration>()
  const first = freeMoment(
    now,
    found.map(({ target }) => target),
  )
  const diffs = diffReverts(found, pairs, renames)
  refuseByHand(diffs, 'revert')
  for (const step of orderSaved(diffs, pairs, 'revert')) {
    const earlier = [...made.keys()].filter(({ database }) => database === step.database).length
    const before = step.after.flatMap((one) => made.get(one) ?? [])
    made.set(step, toMigration(step, timestampOf(new Date(first + earlier * 1000)), before))
  }
  return [...made.values()]
}

export function toMigration(
  { database, name, up }: SavedStep,
  version: string,
  before: readonly Migration[],
): Migration {
  const forward = nameOwn({ name: database }, up)
  return madeMigration({
    ...{ database, version, name },
    file: 'drift --revert',
    texts: forward.map(({ text }) => text),
    checksum: checksumOf(renderStatements(forward)),
    requires: before.map((one) => ({ database: one.database, version: one.version })),
  })
}
