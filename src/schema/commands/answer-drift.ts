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
import { renderStatements } from '../render-sql.ts'
import type { FoundDrift } from './find-drift.ts'
import { nameOwn, planSavedMigration, type SavedMigration, writeSavedMigration } from './save-migration.ts'

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
  const planned = found
    .filter(({ differences }) => differences.length > 0)
    .map((drift) => ({ drift, file: planFile(context, config, drift, name) }))
  if (dryRun) {
    const content = planned.map(({ file: { file, text } }) => `-- ${file}\n${text}`).join('\n')
    return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
  }
  const scope = await readScope(config)
  const targets = open.targets.filter((target) =>
    planned.some(({ drift }) => drift.target.database === target.database),
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

function planFile(context: Context, config: Config, drift: FoundDrift, name: string): SavedMigration {
  const { forward, backward } = describeDrift(drift.reading, drift.differences)
  return planSavedMigration(
    config,
    drift.target.database,
    { name, up: backward, down: forward, requires: [], planned: [] },
    context.now(),
  )
}

function toPass({ version, name, text }: SavedMigration, pass: number, { differences }: FoundDrift): RecordedPass {
  const objects = differences.map(({ type, name: object }): ObjectName => ({ type, schema: null, name: object }))
  return { pass, version, name, kind: 'mark', direction: 'up', checksum: checksumOf(text), objects }
}
