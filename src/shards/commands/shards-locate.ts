import { defineCommand, defineFlags, type Options } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { readInstant } from '../../core/instant.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { family } from '../../core/shared-flags.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ShardListing } from '../answers.ts'
import { toIso } from '../answers.ts'
import { locateShard, type ShardSelector, toListing } from '../inspect/list-shards.ts'
import { readDatabases, readShardProject, requireKeys, selectFamilies } from '../project.ts'
import type { Shard } from '../shard.ts'
import { readFamilies } from '../templates/read-families.ts'

const flags = defineFlags({
  'What is known': {
    family,
    id: { value: 'ID', description: 'the id of a row' },
    at: { value: 'TIME', description: 'when the row was written: ISO 8601, UTC unless it says otherwise' },
    key: { value: 'KEY', description: "the shard's key: an instance id, or a period such as 2026-12" },
  },
  How: { offline: { description: 'by the calendar and the template alone: no server is asked' } },
})

type Input = Options<typeof flags>

/** `wwdb shards locate`: which shard a row is in, by its id, its time or its key; and whether that shard is there. */
export const command = defineCommand({
  name: 'shards locate',
  group: 'Sharded tables',
  summary: 'which shard a row is in, by its id, time or key',
  purpose:
    'Names the shard that a row of a family is in, by the same calendar that rotation uses, and the state of ' +
    'that shard on its server. An id identifies its shard where the template has a `-- wwdb:ids` line. Exit code 1 where rows ' +
    "cannot be read there under the shard's own name: it is missing, on hold or dropped.",
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
  async run(options, context) {
    const selector = readSelector(options)
    const { family: one, shard } = await findShard(options, selector, context)
    const location = options.offline === true ? null : await look(one, shard, context)
    const { key, table, from, to } = shard
    return {
      result: {
        kind: 'shard-location',
        family: one.name,
        database: one.database,
        key,
        table,
        from: toIso(from),
        to: toIso(to),
        shard: location,
      },
      exitCode: location !== null && !isThere(location) ? exitCodes.findings : exitCodes.done,
    }
  },
})

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

async function findShard(
  options: Input,
  selector: ShardSelector,
  context: Context,
): Promise<{ readonly family: ShardFamily; readonly shard: Shard }> {
  if (options.family === undefined) throw usage('No family is given.', 'Name the family with `--family`.')
  const families = await readFamilies(await context.config())
  for (const one of selectFamilies(families, [options.family])) {
    if (selector.type === 'key') requireKeys(one, [selector.text])
    return { family: one, shard: locateShard(one, selector) }
  }
  throw new Error('selectFamilies refuses names that are not there')
}

async function look(one: ShardFamily, shard: Shard, context: Context): Promise<ShardListing | null> {
  const project = await readShardProject({ ...context, targets: [one.database] }, [one.name])
  const [listing] = await readDatabases(project, async (store) => {
    const [registry, tables] = [await store.readRegistry(), await store.listTables()]
    const records = registry.shards.filter((record) => record.family === one.name)
    const view = {
      target: store.target,
      records: new Map(records.map((record) => [record.key, record])),
      tables: new Map(tables.map(({ name, type }) => [name, type])),
    }
    return toListing(view, shard)
  })
  return listing ?? null
}
