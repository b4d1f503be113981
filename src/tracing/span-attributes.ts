// The attributes of spans, by the stable semantic conventions where there are any.
import type { Attributes } from '@opentelemetry/api'
import type { RunEvent } from '../command/event.ts'
import type { Result } from '../command/result.ts'
import type { Target } from '../core/target.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { Plan, Step } from '../migrations/plan.ts'

/** How a command ended: with an answer, or with what was thrown. */
export type Ended = { readonly result: Result } | { readonly error: unknown }

/** How something failed. */
export interface Failure {
  readonly code: string | null
  readonly fault: Fault | null
}

export const keyOf = ({ server, schema }: Target): string => `${server}/${schema}`

/** The failure of spans that were open when the run ended, where nothing says why. */
export const cutShort: Failure = { code: 'STOPPED', fault: null }

export function describeTarget({ database, schema, server }: Target): Attributes {
  return {
    'db.system.name': 'mysql',
    'db.namespace': schema,
    ...describeServer(server),
    'wwdb.database': database,
  }
}

/** Why targets failed, by their keys. */
export function failuresOf(ended: Ended): ReadonlyMap<string, Failure> {
  if ('error' in ended) return new Map()
  const { result } = ended
  const outcomes =
    result.kind === 'run' || result.kind === 'seed' || result.kind === 'targets-run'
      ? result.outcomes
      : result.kind === 'rotation'
        ? result.families
        : []
  return new Map(
    outcomes.flatMap(({ target, code, fault }): readonly [string, Failure][] =>
      fault === null || fault === undefined ? [] : [[keyOf(target), { code, fault }]],
    ),
  )
}

export function failureOfError(error: unknown): Failure {
  if (!(error instanceof ToolError)) return { code: null, fault: { what: String(error) } }
  return { code: error.code, fault: error.faults[0] ?? null }
}

/** The steps of a plan, by database and version. */
export function stepsOf({ targets }: Plan): ReadonlyMap<string, Step> {
  const named = targets.flatMap(({ target, steps }) =>
    steps.map((step) => [`${target.database}/${step.migration.version}`, step] as const),
  )
  return new Map(named)
}

export function describeFile(step: Step | null): Attributes {
  return step === null ? {} : { 'code.file.path': step.migration.file }
}

/** Says where a statement is and what it does; never its text, which may hold what a collector must not see. */
export function describeStatement(
  step: Step | null,
  { statement, direction }: { readonly statement: number; readonly direction: 'up' | 'down' },
): Attributes {
  const script = direction === 'down' ? step?.migration.down : step?.migration.up
  if (script === undefined || script === null || script.type === 'module') return describeFile(step)
  const statements = script.type === 'stream' ? script.sample : script.statements
  const found = statements.find(({ index }) => index === statement)
  return {
    ...describeFile(step),
    ...(found === undefined ? {} : { 'db.operation.name': found.verb, 'code.line.number': found.line }),
  }
}

export function describeTable({
  target,
  table,
  family,
}: {
  readonly target: Target
  readonly table: string
  readonly family: string
}): Attributes {
  return { ...describeTarget(target), 'db.collection.name': table, 'wwdb.family': family }
}

export function describeStore({
  store,
  server,
}: Pick<Extract<RunEvent, { readonly type: 'store-change-started' }>, 'store' | 'server'>): Attributes {
  return { 'db.system.name': store, ...describeServer(server) }
}

/** A store may have several hosts; they are one address. */
function describeServer(server: string): Attributes {
  const [, address = server, port] = /^([^,]*):(\d+)$/.exec(server) ?? []
  return { 'server.address': address, ...(port === undefined ? {} : { 'server.port': Number(port) }) }
}

/** The MySQL error number is the status code. */
export function describeFailure({ code, fault }: Failure): Attributes {
  const errno = fault?.errno
  return {
    'error.type': errno === undefined ? (code ?? 'DEFECT') : String(errno),
    ...(errno === undefined ? {} : { 'db.response.status_code': String(errno) }),
    ...(code === null ? {} : { 'wwdb.error.code': code }),
  }
}
