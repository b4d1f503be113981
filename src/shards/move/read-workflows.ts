import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'

/** A workflow as Vitess has it: nothing of it is remembered by wwdb. */
export interface SeenWorkflow {
  readonly name: string
  readonly source: string
  readonly streams: readonly SeenStream[]
}

/** One for each shard of the keyspace. */
interface SeenStream {
  readonly shard: string
  readonly state: string
  readonly message: string
  /** True while rows of the shard are still to be copied. */
  readonly isCopying: boolean
  readonly tabletTypes: readonly string[]
  readonly rowsCopied: number
  /** Up to where it has written the binary log of the source; empty before it began. */
  readonly position: string
  /** What it writes and from which rows, for each table of the keyspace. */
  readonly rules: readonly WorkflowRule[]
}

interface WorkflowRule {
  /** The table of the keyspace. */
  readonly match: string
  /** The query of its rows, as Vitess writes it. */
  readonly filter: string
}

const rule = z.object({ match: z.string(), filter: z._default(z.string(), '') })
const stream = z.object({
  state: z.string(),
  message: z._default(z.string(), ''),
  copy_states: z._default(z.array(z.unknown()), []),
  tablet_types: z._default(z.array(z.string()), []),
  rows_copied: z._default(z.union([z.string(), z.number()]), 0),
  position: z._default(z.string(), ''),
  binlog_source: z.nullish(z.object({ filter: z.nullish(z.object({ rules: z._default(z.array(rule), []) })) })),
})
const workflows = z.object({
  workflows: z._default(
    z.array(
      z.object({
        name: z.string(),
        source: z.nullish(z.object({ keyspace: z.string() })),
        shard_streams: z._default(z.record(z.string(), z.object({ streams: z.array(stream) })), {}),
      }),
    ),
    [],
  ),
})

/** The answer of `GetWorkflows`. Throws ToolError `VTCTLD_FAILED` where it is not one. */
export function readWorkflows(text: string): readonly SeenWorkflow[] {
  return parse(workflows, text, 'GetWorkflows').workflows.map(({ name, source, shard_streams }) => ({
    name,
    source: source?.keyspace ?? '',
    streams: Object.entries(shard_streams).flatMap(([at, { streams }]) =>
      streams.map((one) => ({
        shard: at.split('/')[0] ?? at,
        state: one.state,
        message: one.message,
        isCopying: one.copy_states.length > 0 || one.state === 'Copying',
        tabletTypes: one.tablet_types,
        rowsCopied: Number(one.rows_copied),
        position: one.position,
        rules: one.binlog_source?.filter?.rules ?? [],
      })),
    ),
  }))
}

/** What a VDiff has found. */
export interface SeenVdiff {
  readonly state: string
  readonly rows: number
  readonly hasMismatch: boolean
  readonly errors: readonly string[]
  /** The shards of the keyspace that have these errors. */
  readonly failed: readonly string[]
}

const vdiff = z.union([
  z.object({
    State: z.string(),
    RowsCompared: z.number(),
    HasMismatch: z.boolean(),
    Errors: z.nullish(z.record(z.string(), z.string())),
  }),
  z.strictObject({}),
])

/** The answer of `VDiff show` for one comparison; null where there is none. */
export function readVdiff(text: string): SeenVdiff | null {
  const read = parse(vdiff, text, 'VDiff')
  if (!('State' in read)) return null
  const { State, RowsCompared, HasMismatch, Errors } = read
  return {
    state: State,
    rows: RowsCompared,
    hasMismatch: HasMismatch,
    errors: Object.values(Errors ?? {}),
    failed: Object.keys(Errors ?? {}),
  }
}

/** The kinds of the tablets that `GetTablets` lists, one a line. */
export const readTabletTypes = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const type = line.trim().split(/\s+/)[3]
    return type === undefined ? [] : [type.toLowerCase()]
  })

function parse<T extends z.ZodMiniType>(schema: T, text: string, command: string): z.output<T> {
  const read = schema.safeParse(toJson(text))
  if (read.success) return read.data
  throw new ToolError('VTCTLD_FAILED', {
    what: `The answer of \`vtctldclient ${command}\` is not what Vitess 24 answers.`,
    why: `It begins with ${JSON.stringify(text.slice(0, 80))}.`,
    next: 'Use the vtctldclient of Vitess 24, or give `--vtctld none`: the commands are printed then.',
  })
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
