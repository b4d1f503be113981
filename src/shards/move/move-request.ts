import { setTimeout } from 'node:timers/promises'
import type { Emit, RunEvent } from '../../command/event.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ShardStore } from '../ports.ts'
import type { SplitPlace } from '../split/cut-over.ts'
import type { MovePlan } from './plan-move.ts'
import { typesOf } from './plan-tablets.ts'
import type { MoveFactsRequest } from './read-facts.ts'
import type { AskVtctld } from './vtctldclient.ts'
import type { MovePlace } from './workflow-commands.ts'

/** One family that is to become a table of a keyspace. */
export interface MoveRequest extends Omit<MoveFactsRequest, 'server' | 'store'>, SplitPlace {
  readonly store: ShardStore
  /** The keyspace over the server of the shards; null where it was not named. */
  readonly sourceKeyspace: string | null
  readonly tabletTypes: string
  /** Null where the commands of Vitess are printed. */
  readonly vtctld: AskVtctld | null
  readonly stop: StopRequest
  readonly emit: Emit
  /** Milliseconds for which a switch waits until both sides are equal. */
  readonly patience: number
  /** Returns when the answer is yes; throws ToolError `NOT_CONFIRMED`. */
  readonly confirm: (what: string) => Promise<void>
}

/** Stands in printed commands where the keyspace was not named. */
export const unnamedSource = 'SOURCE_KEYSPACE'

export function placeOfMove(request: MoveRequest, { columns }: Pick<MovePlan, 'columns'>): MovePlace {
  const { destination, sourceKeyspace, table, column, tabletTypes } = request
  return {
    keyspace: destination.schema,
    source: sourceKeyspace ?? unnamedSource,
    table,
    column,
    columns,
    tabletTypes: typesOf(tabletTypes).join(','),
  }
}

/** The columns by which both sides are compared, in one order. */
export const comparedColumns = ({ columns }: Pick<MovePlan, 'columns'>, column: string): readonly string[] => [
  ...columns.filter((name) => name.toLowerCase() !== column.toLowerCase()),
  column,
]

export function refused(
  { store: { target }, family }: Pick<MoveRequest, 'store' | 'family'>,
  why: string,
  next: string,
): ToolError {
  return new ToolError('MOVE_REFUSED', {
    what: `The move of \`${family.name}\` cannot go on.`,
    where: { database: target.database, server: target.server },
    why,
    next,
  })
}

type Stage = Extract<RunEvent, { readonly type: 'move-progress' }>['stage']

/** Tells how far a stage is. @param began when it began, by a clock that never goes back */
export function tellProgress(
  { emit, store: { target }, family }: Pick<MoveRequest, 'emit' | 'store' | 'family'>,
  stage: Stage,
  { done, total, began }: { readonly done: number; readonly total: number; readonly began: number },
): void {
  const milliseconds = performance.now() - began
  emit({ type: 'move-progress', target, family: family.name, stage, done, total, milliseconds })
}

const between = 500

/** Waits a moment. Throws ToolError `STOPPED` where a person asked to stop. */
export async function pause({ stop, store: { target }, family }: MoveRequest): Promise<void> {
  if (stop.requested)
    throw new ToolError('STOPPED', {
      what: `The run was stopped while \`${family.name}\` is moved.`,
      where: { database: target.database, server: target.server },
      why: 'The workflows of Vitess go on by themselves.',
      next: 'Run the command again: it looks at them, and continues. `--undo` gives the move up.',
    })
  await setTimeout(between)
}
