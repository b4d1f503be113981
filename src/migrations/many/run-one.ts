import type { Context } from '../../command/context.ts'
import type { Emit } from '../../command/event.ts'
import type { TargetOutcome } from '../../command/result.ts'
import type { Config } from '../../config/config.ts'
import { type ExitCode, exitCodes } from '../../core/exit-code.ts'
import type { Target } from '../../core/target.ts'
import { inOneSentence, ToolError } from '../../core/tool-error.ts'
import type { Migration } from '../migration.ts'
import { type RunCommand, runTargets } from '../run-targets.ts'
import { withTargets } from '../with-targets.ts'
import type { ListedTarget } from './judge-list.ts'
import { configOf } from './look.ts'
import { pointFault } from './point-at.ts'
import { type TargetEnd, targetLog, targetRecord } from './ports.ts'

interface OneRequest {
  readonly context: Context
  readonly config: Config
  readonly target: ListedTarget
  /** The files of all databases, which are read once for all targets. */
  readonly files: ReadonlyMap<string, readonly Migration[]>
  readonly command: (context: Context, config: Config) => RunCommand
}

/** How the work on one target ended, with the exit code that it alone would give. */
export interface OneEnd {
  readonly outcome: TargetOutcome
  readonly exitCode: ExitCode
}

/**
 * Runs one target as if the configuration had this one alone: its lock, its journal, its plan and its row in the record of runs are those of any run. Nothing of it is
 * open afterwards. Rejects only for a defect.
 */
export async function runOne(request: OneRequest): Promise<OneEnd> {
  const { context, target, files, command } = request
  const config = configOf(request.config, target)
  const { name, schema, server } = target.database
  const place: Target = { database: name, schema, server: server.label }
  let planDigest: string | null = null
  let isWaiting = false
  const log = await context.port(targetLog)
  const emit: Emit = (event) => {
    // A warning is logged where it is shown.
    if (event.type === 'plan-ready' || ('target' in event && event.type !== 'warning')) log(event)
    if (event.type === 'plan-ready') planDigest = event.plan.targets[0]?.inputsDigest ?? null
    // What happens to each of many is in the summary and the log, but a warning, and that it waits, as nobody would know why nothing moves.
    if (event.type === 'warning') context.emit({ ...event, target: event.target ?? place })
    if (event.type === 'lock-waiting' && !isWaiting) {
      isWaiting = true
      context.emit({ type: 'progress', message: `\`${target.label}\` waits for its lock, which another run holds.` })
    }
  }
  const own: Context = { ...context, targets: [name], config: async () => config, emit }
  const leave = async (end: OneEnd): Promise<OneEnd> => {
    const record = await context.port(targetRecord)
    await record?.(place, { ...endOf(end), planDigest })
    return end
  }
  try {
    return await withTargets(own, { writable: true, plans: true, files }, async (_, open) => {
      try {
        const { result, exitCode } = await runTargets(own, config, open, command(own, config))
        const [outcome] = result.kind === 'run' ? result.outcomes : []
        if (outcome === undefined) throw new Error('a run of one target has no outcome')
        return await leave({ outcome: pointAt(target, outcome), exitCode })
      } catch (error) {
        return await leave(toEnd(target, place, error))
      }
    })
  } catch (error) {
    return toEnd(target, place, error)
  }
}

/** What threw before the first statement, as an outcome. */
function toEnd(target: ListedTarget, place: Target, error: unknown): OneEnd {
  if (!(error instanceof ToolError)) throw error
  const state =
    error.code === 'STOPPED' ? 'stopped' : error.exitCode === exitCodes.unreachable ? 'not-reached' : 'failed'
  const [first, ...others] = error.faults
  const fault = first ?? { what: error.message }
  const more =
    others.length === 0 ? {} : { why: [fault.why, ...others.map(({ what }) => what)].filter(Boolean).join(' ') }
  const outcome: TargetOutcome = {
    target: place,
    ...{ state, done: [], notDone: [], statements: 0, milliseconds: 0 },
    fault: { ...fault, ...more },
    code: error.code,
  }
  return { outcome: pointAt(target, outcome), exitCode: error.exitCode }
}

function pointAt({ label, database: { name } }: ListedTarget, outcome: TargetOutcome): TargetOutcome {
  const { fault } = outcome
  return fault === null ? outcome : { ...outcome, fault: pointFault({ label, name }, fault) }
}

function endOf({ outcome: { state, code, fault }, exitCode }: OneEnd): Omit<TargetEnd, 'planDigest'> {
  if (state === 'done' || state === 'nothing-to-do') return { outcome: 'done', exitCode: exitCodes.done, error: null }
  const said = fault === null ? code : `${code ?? 'FAULT'}: ${inOneSentence(fault)}`
  return { outcome: state === 'stopped' ? 'stopped' : 'failed', exitCode, error: said }
}
