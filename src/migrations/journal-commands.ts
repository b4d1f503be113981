import type { CommandResult, Context } from '../command/context.ts'
import type { TargetOutcome } from '../command/result.ts'
import type { Config } from '../config/config.ts'
import { exitCodes } from '../core/exit-code.ts'
import { nothingTouched, type RecordChange, type TouchedObjects } from '../ddl/recorded-schema.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { Pass } from './journal/journal.ts'
import { noChange, openRow } from './journal/rows.ts'
import { changeJournals } from './locking.ts'
import type { Session } from './ports.ts'
import type { SchemaRecording } from './record-run.ts'
import { recordPresent, snapshotOptions } from './record-schema.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from './targets.ts'
import { describeUnreached, exitCodeWith, toUnreachedOutcome } from './unreached.ts'

/** One change of a target's journal: its description and its execution. */
export interface JournalChangePlan {
  readonly what: string
  readonly apply: (target: OpenTarget) => Promise<void>
}

export interface JournalCommand {
  readonly command: string
  readonly dryRun: boolean
  /** Decides, from the current journal, what to change. Called again under the lock. */
  readonly decide: (target: OpenTarget) => readonly JournalChangePlan[] | Promise<readonly JournalChangePlan[]>
  /** Absent where the schema is not recorded. */
  readonly recording?: SchemaRecording
  /** What was done without wwdb and counts as done by it from now on; absent where there is nothing. */
  readonly said?: (target: OpenTarget) => TouchedObjects
}

async function dryOutcome(target: OpenTarget, command: JournalCommand): Promise<TargetOutcome> {
  const notDone = (await command.decide(target)).map((change) => change.what)
  const state = notDone.length > 0 ? 'not-started' : 'nothing-to-do'
  return {
    target: target.session.target,
    state,
    done: [],
    notDone,
    statements: 0,
    milliseconds: 0,
    fault: null,
    code: null,
  }
}

/** Runs a command that changes only journals: `baseline`, `mark`, `repair`. */
export async function runJournalCommand(
  context: Context,
  config: Config,
  open: OpenTargets,
  command: JournalCommand,
): Promise<CommandResult> {
  const started = performance.now()
  const changed = command.dryRun
    ? {
        outcomes: await Promise.all(open.targets.map((target) => dryOutcome(target, command))),
        unreached: open.unreached,
      }
    : await changeJournals({
        config,
        open,
        emit: context.emit,
        stop: context.stop,
        work: async (target) => {
          const changes = await command.decide(target)
          for (const change of changes) await change.apply(target)
          if (changes.length > 0 && command.recording !== undefined) {
            const { scope, replay } = command.recording
            const options = snapshotOptions(config.databases, target.database, await scope(), replay)
            const said = command.said?.(target) ?? nothingTouched
            await recordPresent(await refreshTarget(target), options, context.emit, said)
          }
          return changes.map((change) => change.what)
        },
      })
  const order = config.databases.map(({ name }) => name)
  const unreached = changed.unreached.map(describeUnreached).map(toUnreachedOutcome)
  const result = {
    kind: 'run',
    command: command.command,
    outcomes: [...changed.outcomes, ...unreached].toSorted(
      (a, b) => order.indexOf(a.target.database) - order.indexOf(b.target.database),
    ),
    milliseconds: performance.now() - started,
    dryRun: command.dryRun,
  } as const
  return { result, exitCode: exitCodeWith(exitCodes.done, unreached.length > 0) }
}

/** A pass that runs nothing. */
export interface RecordedPass {
  readonly pass: number
  readonly version: string
  readonly name: string
  readonly kind: Pass['kind']
  readonly direction: Pass['direction']
  readonly checksum: string
  /** The schema for which it was recorded, where that is known: the target's own. */
  readonly objects?: readonly ObjectName[]
}

/**
 * Writes a pass of one row, opened and closed. Needs the lock. @param record the new record of the schema @param between runs between the two: if the run is killed, the next one finds the row open and checks whether it was done
 */
export async function recordPass(
  session: Session,
  recorded: RecordedPass,
  record?: RecordChange,
  between?: () => void,
): Promise<void> {
  const marked = `marked ${recorded.direction === 'up' ? 'applied' : 'pending'}`
  const row = openRow({ ...recorded, class: 'record', summary: recorded.kind === 'baseline' ? 'baseline' : marked })
  await session.writeJournal({ ...noChange, open: [row] })
  between?.()
  await session.writeJournal({
    ...noChange,
    close: [{ pass: recorded.pass, statement: 0, milliseconds: 0, rows: null, memory: null }],
    ...(record === undefined ? {} : { record }),
  })
}
