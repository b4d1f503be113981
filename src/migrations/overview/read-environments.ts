import type { CommandResult, Context } from '../../command/context.ts'
import type { Answers } from '../../command/result.ts'
import { type ExitCode, exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { exitCodeWith } from '../unreached.ts'
import { isUnfinished, type Judged, judgeDatabases } from './judge-databases.ts'

type EnvironmentStatus = Answers['environments']['environments'][number]
type DatabaseSummary = EnvironmentStatus['databases'][number]

/**
 * `status --all-environments`: shows each environment as `status --env` does, side by side. One that cannot be read does not stop the others.
 */
export async function answerEnvironments(context: Context, exitsWithFindings: boolean): Promise<CommandResult> {
  const { environments: names } = await context.config()
  if (names === null || names.length === 0) {
    throw new ToolError('USAGE', {
      what: 'The configuration has no environments.',
      next: 'Define them under `environments` in the configuration file, or run `wwdb status` without `--all-environments`.',
    })
  }
  const looked = await Promise.all(names.map((name) => lookAt(context, name)))
  const isUnfinishedAnywhere = looked.some(({ databases }) => databases.some(isUnfinished))
  const own: ExitCode = exitsWithFindings && isUnfinishedAnywhere ? exitCodes.findings : exitCodes.done
  const worst = looked.reduce<ExitCode>(worse, own)
  return { result: { kind: 'environments', environments: looked.map(({ status }) => status) }, exitCode: worst }
}

interface Looked {
  readonly status: EnvironmentStatus
  readonly databases: readonly Judged[]
  /** The exit code of the error for which it could not be read at all. */
  readonly exitCode: ExitCode | null
}

async function lookAt(context: Context, name: string): Promise<Looked> {
  try {
    const { databases, unreached } = await judgeDatabases({ ...context, config: () => context.config(name) })
    return { status: { name, databases: databases.map(summarize), unreached, fault: null }, databases, exitCode: null }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const fault = error.faults[0] ?? { what: error.message }
    return { status: { name, databases: [], unreached: [], fault }, databases: [], exitCode: error.exitCode }
  }
}

function summarize({ status, pending, running }: Judged): DatabaseSummary {
  const { target, serverVersion, schemaExists, migrations, findings, drift } = status
  const applied = migrations.filter(({ state }) => state === 'applied' || state === 'baseline')
  const last = applied.filter(({ kind }) => kind !== 'repeatable').at(-1)?.version ?? null
  const base = { target, serverVersion, schemaExists, applied: applied.length, last, pending, running }
  return { ...base, ...(drift === undefined ? {} : { drift }), findings }
}

/** An unreadable environment decides the exit code before one that lacks databases, and both before findings. */
function worse(code: ExitCode, { status, exitCode }: Looked): ExitCode {
  const own = exitCodeWith(code, status.unreached.length > 0)
  return exitCode !== null && exitCode > own ? exitCode : own
}
