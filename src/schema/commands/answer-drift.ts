import type { Config } from '../../config/config.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { Migration } from '../../core/migration.ts'
import { ToolError } from '../../core/tool-error.ts'
import { checksumOf } from '../../files/checksum.ts'
import { listOpenRows, recoverTarget } from '../../migrations/execute/recover.ts'
import { type RecordedPass, recordPass, runJournalCommand } from '../../migrations/journal-commands.ts'
import { changeJournals } from '../../migrations/locking.ts'
import type { DatabaseState } from '../../migrations/plan/database-state.ts'
import { settleRecord, snapshotOptions } from '../../migrations/record-schema.ts'
import { runTargets } from '../../migrations/run-targets.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from '../../migrations/targets.ts'
import { readScope, recordingOf } from '../../shards/schema-scope.ts'
import { toStatement } from '../../sql/classify.ts'
import { type Reverts, recordAsFound } from '../../sql/recorded-schema.ts'
import { fingerprintObject, listRecorded, objectKey, type SnapshotReading } from '../../sql/snapshot.ts'
import type { ObjectName } from '../../sql/statement.ts'
import { describeDrift } from '../describe-drift.ts'
import { diffDatabases } from '../diff.ts'
import { orderSaved } from '../order-saved.ts'
import { wantedSchema } from '../recorded-drift.ts'
import { renderStatements } from '../render-sql.ts'
import type { FoundDrift } from './find-drift.ts'
import { findSaved, nameOwn, planSaved, type SavedMigration, writeSavedMigration } from './save-migration.ts'

function changedMeanwhile(database: string): ToolError {
  return new ToolError('PLAN_STALE', {
    what: `\`${database}\` has changed since it was compared.`,
    where: { database },
    next: 'Run the command again.',
  })
}

/** What differs without a record of what it should be cannot be answered from the record. */
function refuseUnproven(found: readonly FoundDrift[]): void {
  const unproven = found.flatMap(({ target, differences }) =>
    differences.flatMap(({ type, name, change }) =>
      change === 'unproven' ? [{ database: target.database.name, type, name }] : [],
    ),
  )
  if (unproven.length === 0) return
  throw new ToolError(
    'DRIFT',
    unproven.map(({ database, type, name }) => ({
      what: `What the ${type} \`${name}\` of \`${database}\` should be is not recorded.`,
      where: { database },
      why: 'It was changed by hand before a migration changed it.',
      next: 'Add `--replay`: what the applied migrations make of it is found in a scratch schema.',
    })),
  )
}

/** `drift --revert`: the statements that take the differences back, as a run of one migration without a file for each database. */
export async function revertDrift(
  context: Context,
  config: Config,
  open: OpenTargets,
  found: readonly FoundDrift[],
  options: { readonly dryRun: boolean; readonly allow: readonly string[]; readonly probe: boolean },
): Promise<CommandResult> {
  refuseUnproven(found)
  const version = new Date(context.now()).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const own = new Map(found.map((one) => [one.target.database.name, toMigration(one, version)]))
  const targets = open.targets.map((target): OpenTarget => {
    const migration = own.get(target.database.name) ?? null
    const choose = (one: DatabaseState): DatabaseState =>
      migration === null
        ? { ...one, migrations: [] }
        : { ...one, all: [...one.all, migration], migrations: [migration] }
    const { database, resolve } = target
    // Read again under the lock, the files must not come back.
    return {
      ...target,
      ...choose(target),
      database,
      resolve: (state) => choose(resolve?.(state) ?? { ...target, state }),
    }
  })
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
      drift: 'off',
      reverts: Object.fromEntries(found.map((one) => [one.target.database.name, wantedOf(one)])),
      confirm: async (plan) => {
        // Asked once more under the lock where the journal was changed while it was waited for.
        if (isAsked) return refuseChanged(config, found)
        isAsked = true
        if (!plan.targets.some(({ steps }) => steps.length > 0)) return
        await context.confirm({
          what: `This takes back ${count === 1 ? 'the change of one object' : `the changes of ${count} objects`} that was made by hand.`,
          level: config.protected ? 'severe' : 'moderate',
          name: 'revert',
        })
      },
    },
  )
}

/** Throws ToolError `PLAN_STALE` where an object is not what the statements were written for. */
async function refuseChanged(config: Config, found: readonly FoundDrift[]): Promise<void> {
  const scope = await readScope(config)
  for (const { target, differences } of found) {
    const { database, session } = target
    const live = await session.record?.readLive(snapshotOptions(config.databases, database, scope))
    if (!areAsFound(differences, live)) throw changedMeanwhile(database.name)
  }
}

/** Whether the objects that differed are still the same. */
function areAsFound(differences: FoundDrift['differences'], live: SnapshotReading | undefined): boolean {
  const recorded = live === undefined ? [] : listRecorded(live.snapshot)
  const present = new Map(recorded.map((one) => [objectKey(one), fingerprintObject(one)]))
  return differences.every(
    ({ key, found }) => present.get(key) === (found === null ? undefined : fingerprintObject(found)),
  )
}

function wantedOf({ differences }: FoundDrift): Reverts {
  return Object.fromEntries(
    differences.map(({ key, wanted }) => [key, wanted === null ? null : fingerprintObject(wanted)]),
  )
}

function toMigration({ target, reading, differences }: FoundDrift, version: string): Migration | null {
  const forward = nameOwn(target.database, describeDrift(reading, differences).forward)
  if (forward.length === 0) return null
  const file = 'drift --revert'
  const statements = forward.map(({ text }, index) =>
    toStatement({ type: 'statement', text, source: text, file, line: index + 1, column: 1 }, index),
  )
  return {
    database: target.database.name,
    version,
    name: 'revert',
    kind: 'drift',
    file,
    checksum: checksumOf(renderStatements(forward)),
    requires: [],
    conditions: [],
    accepted: [],
    up: { type: 'statements', statements },
    down: null,
  }
}

/**
 * Settles what a run that was killed has left open, under the lock, so that it is known what differs. Throws ToolError `UNSETTLED` where the server does
 * not show it.
 */
export async function settleFirst(context: Context, config: Config, open: OpenTargets): Promise<OpenTargets> {
  const stopped = open.targets.filter((target) => listOpenRows(target).length > 0)
  if (stopped.length === 0) return open
  const scope = await readScope(config)
  const { emit, stop } = context
  await changeJournals({
    config,
    open: { ...open, targets: stopped },
    emit,
    stop,
    work: async (target) => {
      await recoverTarget(target, emit)
      const options = snapshotOptions(config.databases, target.database, scope)
      await settleRecord(await refreshTarget(target), options, emit)
      return []
    },
  })
  return { ...open, targets: await Promise.all(open.targets.map((target) => refreshTarget(target))) }
}

/** `drift --accept NAME`: the differences as a migration of each database, which counts as applied there. */
export async function acceptDrift(
  context: Context,
  config: Config,
  open: OpenTargets,
  found: readonly FoundDrift[],
  { name, dryRun }: { readonly name: string; readonly dryRun: boolean },
): Promise<CommandResult> {
  refuseUnproven(found)
  const planned = planFiles(context, config, found, name)
  if (dryRun) {
    const content = planned.map(({ file: { file, text } }) => `-- ${file}\n${text}`).join('\n')
    return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
  }
  const scope = await readScope(config)
  // What others require is written and recorded first: a run that is killed leaves no file that requires one that is not there.
  const targets = planned.flatMap(({ drift }) =>
    open.targets.filter((target) => target.database.name === drift.target.database.name),
  )
  return runJournalCommand(
    context,
    config,
    { ...open, targets },
    {
      command: 'drift --accept',
      dryRun: false,
      recording: recordingOf(config, context),
      decide: (target) =>
        planned
          .filter(({ drift }) => drift.target.database.name === target.database.name)
          .map(({ drift, file }) => ({
            what: `${file.version}_${name} written to ${file.file} and recorded as applied: ${drift.differences.length === 1 ? 'one object' : `${drift.differences.length} objects`}`,
            apply: async ({ session, state }) => {
              const live = await session.record?.readLive(snapshotOptions(config.databases, target.database, scope))
              const isSame = areAsFound(drift.differences, live)
              if (!isSame) throw changedMeanwhile(target.database.name)
              await session.record?.create()
              // The row is open before the file is there: a run that is killed leaves nothing that a later one would run.
              const write = (): void => void writeSavedMigration(config, file)
              await recordPass(session, toPass(file, state.nextPass, drift), recordAsFound(drift.differences), write)
            },
          })),
    },
  )
}

/** A drift and the migration that keeps it. */
interface PlannedAcceptance {
  readonly drift: FoundDrift
  readonly file: SavedMigration
}

/** By the order in which the migrations run, as `schema diff --save` writes them. Throws ToolError `DRIFT` where one migration of each database is not enough. */
function planFiles(
  context: Context,
  config: Config,
  found: readonly FoundDrift[],
  name: string,
): readonly PlannedAcceptance[] {
  const differing = found.filter(({ differences }) => differences.length > 0)
  const pairs = differing.map(({ reading, differences }) => ({
    wanted: reading.snapshot,
    found: wantedSchema(reading, differences),
    hidden: reading.hidden,
  }))
  const steps = orderSaved(diffDatabases(pairs, []), pairs, name)
  const names = new Set(steps.map(({ database }) => database))
  if (names.size < steps.length) throw waitingForEachOther([...names], name)
  // Other databases whose part a run has accepted that was stopped then.
  const earlier = config.databases.flatMap((one) => (names.has(one.name) ? [] : (findSaved(config, one, name) ?? [])))
  return planSaved(config, steps, earlier, context.now()).flatMap((file) =>
    differing.filter(({ target }) => target.database.name === file.database.name).map((drift) => ({ drift, file })),
  )
}

/** Several files of a database could not be recorded as one with what they keep. */
function waitingForEachOther(databases: readonly string[], name: string): ToolError {
  return new ToolError('DRIFT', {
    what: `${databases.map((one) => `\`${one}\``).join(' and ')} wait for each other: each holds on to what another one changes.`,
    why: 'One migration of each database cannot run before those of all others.',
    next: `Write several of each with \`wwdb schema diff --from applied --to live --save ${name}\`, review them, and record each with \`wwdb mark VERSION --applied -t DATABASE\`.`,
  })
}

function toPass({ version, name, text }: SavedMigration, pass: number, { differences }: FoundDrift): RecordedPass {
  const objects = differences.map(({ type, name: object }): ObjectName => ({ type, schema: null, name: object }))
  return { pass, version, name, kind: 'mark', direction: 'up', checksum: checksumOf(text), objects }
}
