import type { PrintedParts, RunEvent } from '../../command/event.ts'
import type { Result } from '../../command/result.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import type { ExitCode } from '../../core/exit-code.ts'
import type { Target } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { ToPlanDocument } from '../event-views.ts'

/**
 * Version of everything that is printed with --json. The minor number grows when fields, kinds or event types are added:
 * readers ignore what they don't know. The major number grows when something existing changes.
 */
export const wireSchema = '1.0'

/**
 * The first line of a run.
 * @public for the schemas
 */
export interface VersionLine {
  readonly type: 'version'
  readonly tool: 'wwdb'
  readonly version: string
  readonly schema: typeof wireSchema
  /** The id of the run, as `wwdb_runs` and `wwdb history` have it. */
  readonly run: string
  /**
   * When the line was written, in UTC.
   * @format date-time
   */
  readonly time: string
}

/** An event as it is printed: without functions and maps. */
export type EventBody =
  | Exclude<RunEvent, { readonly type: 'plan-ready' }>
  | { readonly type: 'plan-ready'; readonly plan: PrintedParts['plan'] }

/** A line of a run between its first and its last. */
export type EventLine = EventBody & {
  /** Milliseconds since the first event. */
  readonly elapsed: number
  /** The id of the run, as `wwdb_runs` and `wwdb history` have it. */
  readonly run: string
  /**
   * When the line was written, in UTC.
   * @format date-time
   */
  readonly time: string
}

type TargetsStatus = Extract<Result, { readonly kind: 'targets-status' }>
type TargetsGroup = TargetsStatus['groups'][number]

/**
 * Targets of a database that are alike:
 * - `behind`   migrations are pending
 * - `new`      no migration ran there yet: the schema has no journal
 * - `failed`   a migration is begun and not complete: it failed, was killed, or a run is carrying it out now
 * - `finding`  something keeps `migrate` from running there
 * - `missing`  the schema does not exist, or this account may not see it
 * - `unclear`  only opening it alone can tell
 */
type PrintedGroup = Omit<TargetsGroup, 'planned'> & {
  /** In answers of `plan` and `migrate --dry-run`, for at most three groups with something to do: the plan of the first of its targets, or why none could be made. */
  readonly planned?: { readonly plan: PrintedParts['plan'] } | { readonly fault: Fault }
}

/** A result as it is printed: a plan as its document, everything else unchanged. */
export type ResultBody =
  | Exclude<Result, { readonly kind: 'plan' | 'targets-status' }>
  | (Omit<TargetsStatus, 'groups'> & { readonly groups: readonly PrintedGroup[] })
  | {
      readonly kind: 'plan'
      readonly plan: PrintedParts['plan']
      readonly file: string | null
      readonly live?: Extract<Result, { readonly kind: 'plan' }>['live']
    }

export interface WarningDocument {
  readonly message: string
  readonly target: Target | null
}

/**
 * A command's answer: the one document of a query and the last line of a run.
 * @public for the schemas
 */
export type ResultDocument = ResultBody & {
  readonly type: 'result'
  readonly schema: typeof wireSchema
  readonly exitCode: ExitCode
  readonly warnings: readonly WarningDocument[]
  /** The id of the run, as `wwdb_runs` and `wwdb history` have it. */
  readonly run: string
  /**
   * When the line was written, in UTC.
   * @format date-time
   */
  readonly time: string
}

/**
 * What is printed in place of an answer when a command fails.
 * @public for the schemas
 */
export interface ErrorDocument {
  readonly type: 'error'
  readonly schema: typeof wireSchema
  readonly kind: 'error'
  /** A stable word in capitals. */
  readonly code: ErrorCode
  readonly exitCode: ExitCode
  readonly faults: readonly Fault[]
  /** Null without --debug. */
  readonly stack: string | null
  readonly warnings: readonly WarningDocument[]
  /** The id of the run, as `wwdb_runs` and `wwdb history` have it. */
  readonly run: string
  /**
   * When the line was written, in UTC.
   * @format date-time
   */
  readonly time: string
}

/**
 * The last line of all output.
 * @public for the schemas
 */
export type Answer = ResultDocument | ErrorDocument

/** A line of a run: the version first, then events, and the answer last. */
export type RunLine = VersionLine | EventLine | Answer

/** Projects an event; the plan inside becomes its document. */
export function toEventBody(event: RunEvent, toDocument: ToPlanDocument): EventBody {
  return event.type === 'plan-ready' ? { type: 'plan-ready', plan: toDocument(event.plan) } : event
}

/** Projects a result; the plan inside becomes its document. */
export function toResultBody(result: Result, toDocument: ToPlanDocument): ResultBody {
  if (result.kind === 'plan') return { ...result, plan: toDocument(result.plan) }
  if (result.kind !== 'targets-status') return result
  return { ...result, groups: result.groups.map((group) => printGroup(group, toDocument)) }
}

function printGroup({ planned, ...group }: TargetsGroup, toDocument: ToPlanDocument): PrintedGroup {
  if (planned === undefined) return group
  return { ...group, planned: 'plan' in planned ? { plan: toDocument(planned.plan) } : planned }
}
