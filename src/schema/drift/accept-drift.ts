import type { CommandResult, Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { recordAsFound } from '../../ddl/recorded-schema.ts'
import { checksumOf } from '../../files/checksum.ts'
import { listOpenRows, recoverTarget } from '../../migrations/execute/recover.ts'
import { freeMoment } from '../../migrations/files/free-moment.ts'
import { type RecordedPass, recordPass, runJournalCommand } from '../../migrations/journal-commands.ts'
import { changeJournals } from '../../migrations/locking.ts'
import { isBehind } from '../../migrations/plan/plan-idle.ts'
import { settleRecord, snapshotOptions } from '../../migrations/record-schema.ts'
import { recordingOf } from '../../migrations/run-targets.ts'
import { type OpenTargets, refreshTarget } from '../../migrations/targets.ts'
import { readScope } from '../../shards/schema-scope.ts'
import type { ObjectName } from '../../sql/statement.ts'
import { refuseByHand } from '../by-hand.ts'
import { diffDatabases } from '../diff.ts'
import { orderSaved } from '../order-saved.ts'
import type { RenamesAround } from '../renames.ts'
import { findSaved, planSaved, type SavedMigration, writeSavedMigration } from '../write/save-migration.ts'
import { areAsFound, changedMeanwhile, pairDrifts, refuseUnproven, sidesOf } from './answer-drift.ts'
import type { FoundDrift } from './find-drift.ts'
import { knowLive } from './know-implicit.ts'
import type { RenameFlags } from './rename-flags.ts'
import { settleRenames } from './settle-renames.ts'

/**
 * Settles what a killed run left open, under the lock, so that the differences are known. Throws ToolError `UNSETTLED` where the server does not show
 * it.
 */
export async function settleFirst(context: Context, config: Config, open: OpenTargets): Promise<OpenTargets> {
  const stopped = open.targets.filter((target) => listOpenRows(target).length > 0 || isBehind(target.snapshot))
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
      const { replay } = recordingOf(config, context, () => readScope(config))
      const options = snapshotOptions(config.databases, target.database, scope, replay)
      await settleRecord(await refreshTarget(target), options, emit)
      return []
    },
  })
  return { ...open, targets: await Promise.all(open.targets.map((target) => refreshTarget(target))) }
}

/** `drift --accept NAME`: writes the differences as a migration of each database, which counts as applied there. */
export async function acceptDrift(
  context: Context,
  config: Config,
  open: OpenTargets,
  found: readonly FoundDrift[],
  { name, dryRun, said }: { readonly name: string; readonly dryRun: boolean; readonly said: RenameFlags },
): Promise<CommandResult> {
  refuseUnproven(found)
  const renames = await settleRenames(context, sidesOf(found), said)
  const known = await Promise.all(found.map((one) => knowFound(context, one)))
  const planned = planFiles(context, config, known, name, renames)
  if (dryRun) {
    const content = planned.map(({ file: { file, text } }) => `-- ${file}\n${text}`).join('\n')
    return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
  }
  const scope = await readScope(config)
  // Files that others require are written and recorded first: a killed run leaves no file that requires a missing one.
  const accepted = planned.flatMap(({ drift }) =>
    open.targets.filter((target) => target.database.name === drift.target.database.name),
  )
  const targets = accepted.length === 0 ? open.targets : accepted
  return runJournalCommand(
    context,
    config,
    { ...open, targets },
    {
      command: 'drift --accept',
      dryRun: false,
      recording: recordingOf(config, context, () => readScope(config)),
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
              // The row is open before the file exists: a killed run leaves nothing that a later one would run.
              const write = (): void => void writeSavedMigration(config, file)
              await recordPass(session, toPass(file, state.nextPass, drift), recordAsFound(drift.differences), write)
            },
          })),
    },
  )
}

/** A change made by hand is written as the server has it. */
async function knowFound(context: Context, one: FoundDrift): Promise<FoundDrift> {
  const { reading, differences, target } = one
  const names = new Set(differences.map(({ name }) => name))
  const snapshot = await knowLive(context, target.database, reading.snapshot, ({ name }) => names.has(name))
  return { ...one, reading: { ...reading, snapshot } }
}

/** A drift and the migration that records it. */
interface PlannedAcceptance {
  readonly drift: FoundDrift
  readonly file: SavedMigration
}

/** By the order in which the migrations run, as `schema diff --save` writes them. Throws ToolError `DRIFT` where one migration per database is not enough. */
function planFiles(
  context: Context,
  config: Config,
  found: readonly FoundDrift[],
  name: string,
  renames: RenamesAround,
): readonly PlannedAcceptance[] {
  const pairs = pairDrifts(found, 'found')
  // The file is for other databases, too: it contains a definer where a person changed it, or changed the collation of literals, which is compared
  // with it.
  const definers = found.some(({ differences }) => differences.some(({ parts }) => parts.some(isDefiner)))
  const diffs = diffDatabases(pairs, renames, definers)
  refuseByHand(diffs, 'accept')
  const steps = orderSaved(diffs, pairs, name)
  const names = new Set(steps.map(({ database }) => database))
  if (names.size < steps.length) throw waitingForEachOther([...names], name)
  // Other databases whose part was accepted by a run that was then stopped.
  const earlier = config.databases.flatMap((one) => (names.has(one.name) ? [] : (findSaved(config, one, name) ?? [])))
  const now = freeMoment(
    context.now(),
    found.map(({ target }) => target),
  )
  return planSaved(config, steps, earlier, now).flatMap((file) =>
    found.filter(({ target }) => target.database.name === file.database.name).map((drift) => ({ drift, file })),
  )
}

const isDefiner = ({ name }: { readonly name: string }): boolean =>
  name === 'DEFINER' || name === 'collation_connection'

/** Several files of a database could not be recorded together with their changes. */
function waitingForEachOther(databases: readonly string[], name: string): ToolError {
  return new ToolError('DRIFT', {
    what: `${databases.map((one) => `\`${one}\``).join(' and ')} depend on each other: each uses something that another one changes.`,
    why: 'One migration per database cannot run in an order that satisfies all of them.',
    next: `Write several per database with \`wwdb schema diff --from applied --to live --save ${name}\`, review them, and record each with \`wwdb mark VERSION --applied -t DATABASE\`.`,
  })
}

function toPass({ version, name, text }: SavedMigration, pass: number, { differences }: FoundDrift): RecordedPass {
  const objects = differences.flatMap(({ type, name: object }): readonly ObjectName[] =>
    type === 'keyspace' ? [] : [{ type, schema: null, name: object }],
  )
  return { pass, version, name, kind: 'mark', direction: 'up', checksum: checksumOf(text), objects }
}
