import type { CommandResult, Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { family } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { readInstant } from '../../core/instant.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ShardListing } from '../answers.ts'
import { toIso } from '../answers.ts'
import { findContradictions } from '../contradictions.ts'
import { isGone, wholesOf } from '../family-view.ts'
import { locateShard, type ShardSelector, toListing } from '../inspect/list-shards.ts'
import { readDatabases, readShardProject, requireKeys, selectFamilies } from '../project.ts'
import { namingOf } from '../render-shard.ts'
import type { Shard, ShardRecord } from '../shard.ts'
import { readFamilies } from '../templates/read-families.ts'

const flags = defineFlags({
  'What is known': {
    family,
    id: { value: 'ID', description: 'the id of a row' },
    at: { value: 'TIME', description: 'when the row was written: ISO 8601, in UTC unless it has an offset' },
    key: { value: 'KEY', description: "the shard's key: an instance id, or a period such as 2026-12" },
  },
  How: { offline: { description: 'use only the calendar and the template, without connecting to a server' } },
})

type Input = Options<typeof flags>

/** `wwdb shards locate`: which shard a row is in, by its ID, its time or its key; and whether that shard exists. */
export const command = defineCommand({
  name: 'shards locate',
  group: 'Sharded tables',
  summary: 'which shard a row is in, by its id, time or key',
  purpose:
    'Shows the shard that contains a row of a family, by the same calendar that rotation uses, and the state of that ' +
    'shard on its server. An id identifies its shard if the template has a `-- wwdb:ids` line. Exit code 1 if rows ' +
    'cannot be read under the name of the shard, because it is missing, on hold or dropped.',
  examples: [
    { command: 'wwdb shards locate --family messages --id 2026120000004711', purpose: 'by an id' },
    { command: 'wwdb shards locate --family messages --at 2026-12-24T18:00:00+08:00', purpose: 'by a time' },
    { command: 'wwdb shards locate --family contacts --key 42 --offline', purpose: 'without asking a server' },
  ],
  flags,
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const selector = readSelector(options)
    const one = await findFamily(options, context)
    await refuseNumbered(one, selector, context)
    const wanted = readWanted(one, selector)
    if (options.offline === true) return answer(one, { shard: demand(wanted), listing: null, doubts: [] })
    return answer(one, await look(one, selector, wanted, context))
  },
})

function answer({ name, database }: ShardFamily, { shard, listing, doubts }: Located): CommandResult {
  const { key, table, from, to } = shard
  const place = { family: name, database, key, table, from: toIso(from), to: toIso(to) }
  return {
    result: { kind: 'shard-location', ...place, shard: listing, doubts },
    exitCode: listing !== null && !isThere(listing) ? exitCodes.findings : exitCodes.done,
  }
}

/** Rows can be read and written under the shard's own name. */
function isThere({ state }: ShardListing): boolean {
  return state === 'live' || state === 'sealed' || state === 'unregistered'
}

/** Throws ToolError `USAGE` (64) unless exactly one selector is given. */
function readSelector({ id, at, key }: Input): ShardSelector {
  const selectors: ShardSelector[] = []
  if (id !== undefined) selectors.push({ type: 'id', text: id })
  if (at !== undefined) selectors.push({ type: 'time', at: readInstant('--at', at) })
  if (key !== undefined) selectors.push({ type: 'key', text: key })
  const [selector] = selectors
  if (selector !== undefined && selectors.length === 1) return selector
  const what =
    selectors.length === 0
      ? 'No `--id`, `--at` or `--key` is given.'
      : 'More than one of `--id`, `--at` and `--key` is given.'
  throw usage(what, 'Give one of `--id`, `--at` and `--key`.')
}

function usage(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}

async function findFamily({ family: name }: Input, context: Context): Promise<ShardFamily> {
  if (name === undefined) throw usage('No family is given.', 'Name the family with `--family`.')
  const families = await readFamilies(await context.config())
  for (const one of selectFamilies(families, [name])) return one
  throw new Error('selectFamilies refuses names that are not there')
}

/** In a keyspace, ids of such a family come from one sequence for all of its shards. Throws ToolError `USAGE` (64). */
async function refuseNumbered({ name, database, sequence }: ShardFamily, { type }: ShardSelector, context: Context) {
  if (type !== 'id' || sequence === undefined) return
  const { databases } = await context.config()
  if (databases.find((one) => one.name === database)?.vitess === undefined) return
  throw usage(
    `An id of \`${name}\` does not show its shard: the ids of all its shards come from the sequence \`${sequence.database}.${sequence.table}\`.`,
    'Give `--at` with the time of the row, or `--key`.',
  )
}

/** The shard according to the header, or why the header has none: the registry may know one of an earlier header. */
function readWanted(one: ShardFamily, selector: ShardSelector): Shard | ToolError {
  try {
    if (selector.type === 'key') requireKeys(one, [selector.text])
    return locateShard(one, selector)
  } catch (error) {
    if (error instanceof ToolError) return error
    throw error
  }
}

function demand(wanted: Shard | ToolError): Shard {
  if (wanted instanceof ToolError) throw wanted
  return wanted
}

interface Located {
  readonly shard: Shard
  readonly listing: ShardListing | null
  readonly doubts: readonly string[]
}

/** Where the header no longer matches the record, the rows are where the record says, and the answer says so. */
async function look(
  one: ShardFamily,
  selector: ShardSelector,
  wanted: Shard | ToolError,
  context: Context,
): Promise<Located> {
  const project = await readShardProject({ ...context, targets: [one.database] }, [one.name])
  const [located] = await readDatabases(project, async (store): Promise<Located> => {
    const [registry, live] = [await store.readRegistry(), await store.listTables()]
    const tables = new Map(live.map(({ name, type }) => [name, type]))
    const compared = { family: one, target: store.target, naming: namingOf(one), tables, census: null }
    const own = project.request.families.filter(({ database }) => database === one.database)
    const contradictions = findContradictions(compared, registry, own).filter(({ kind }) => kind !== 'keys')
    const doubts = contradictions.map(({ fault: { what, why = '' } }) => `${what} ${why}`.trimEnd())
    const isNamed = ({ family, table }: ShardRecord): boolean =>
      family === one.name || compared.naming.parse(table) !== null
    const records = registry.shards.filter(isNamed)
    const recorded = contradictions.length === 0 ? null : findRecord(records, selector, wanted)
    const shard = recorded ?? demand(wanted)
    const wholes = wholesOf(live)
    const view = {
      target: store.target,
      wholes,
      records: new Map(records.map((record) => [record.key, record])),
      tables,
    }
    return { shard, listing: toListing(view, shard), doubts }
  })
  return located ?? { shard: demand(wanted), listing: null, doubts: [] }
}

/** The record of the wanted shard: by its period, under any name, or by its key. */
function findRecord(
  records: readonly ShardRecord[],
  selector: ShardSelector,
  wanted: Shard | ToolError,
): ShardRecord | null {
  const left = records.filter((record) => !isGone(record))
  const key = selector.type === 'key' ? selector.text : wanted instanceof ToolError ? null : wanted.key
  const at = selector.type === 'time' ? selector.at : null
  const isAt = ({ from, to }: ShardRecord): boolean =>
    at !== null && from !== null && to !== null && from <= at && at < to
  return left.find((record) => isAt(record)) ?? left.find((record) => record.key === key) ?? null
}
