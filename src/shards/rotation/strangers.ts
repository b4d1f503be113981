import type { DatabaseConfig } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isBegun } from '../family-view.ts'
import type { ShardStore } from '../ports.ts'
import { settleIntent } from '../settle-family.ts'
import type { ShardRecord } from '../shard.ts'
import type { OpenedTarget } from './read-targets.ts'
import type { RotationRequest } from './request.ts'
import { FamilyRun, type TargetRun } from './target-run.ts'

/** Families in whose shards an earlier run has begun something; none where nothing is left. */
const begunFamilies = async (store: ShardStore): Promise<readonly string[]> => [
  ...groupBy((await store.readRegistry()).shards.filter(isBegun), ({ family }) => family).keys(),
]

/**
 * Opens the keyspaces in which no family is left, and an earlier run has begun something: only what looks at each shard of a keyspace ends that. One that cannot be read has nothing to be rotated,
 * and stops no rotation.
 */
export async function openLeft(request: RotationRequest): Promise<readonly OpenedTarget[]> {
  const isLeft = ({ name, vitess }: DatabaseConfig): boolean =>
    vitess !== undefined && !request.families.some(({ database }) => database === name)
  const opened = await Promise.all(request.config.databases.filter(isLeft).map((one) => openOne(request, one)))
  return opened.flatMap((one) => one ?? [])
}

async function openOne({ servers, config }: RotationRequest, database: DatabaseConfig): Promise<OpenedTarget | null> {
  try {
    const store = await servers.open(database, config.timeouts, true)
    const strangers = await begunFamilies(store).catch(async (error: unknown) => {
      await store.close()
      throw error
    })
    if (strangers.length > 0) return { database, families: [], strangers, store, error: null }
    await store.close()
    return null
  } catch (error) {
    if (error instanceof ToolError) return null
    throw error
  }
}

/**
 * Writes how that ended which an earlier run began with shards of families that have no template any more, where their tables show it: nothing else would. A table that is under neither of its
 * names is left as it is: with the template, its rows are known to be lost.
 */
export async function settleStrangers(target: TargetRun): Promise<void> {
  const { strangers, left, tables, database } = target
  const settled = strangers.flatMap((record) => {
    // Where a shard is a partition, tables do not show a hold.
    if (left.has(record.table) || (record.state !== 'dropping' && database.vitess === undefined)) return []
    const found = settleIntent(record, (table) => tables.has(table))
    if (found === null || found.leftover !== null) return []
    return record.state !== 'dropping' && found.record.state === 'dropped' ? [] : [found]
  })
  await target.write(settled.map(({ record }) => record))
  target.settled = settled
}

const describe = (family: string): string => `No template names the family \`${family}\` any more`

/** What became of that, by family; the run fails by what nothing ends. */
export function runsOfStrangers({ strangers, left, settled, store }: TargetRun): readonly FamilyRun[] {
  const ended = [...groupBy(settled, ({ record }) => record.family)].map(([family, own]) => {
    const run = new FamilyRun(family, store.target)
    run.begin()
    run.note(...own.map(({ note }) => note), `${describe(family)}.`)
    return run
  })
  return [...ended, ...strangers.flatMap((record) => failedRun(record, left.get(record.table), store))]
}

function failedRun(
  { family }: ShardRecord,
  error: ToolError | undefined,
  { target }: ShardStore,
): readonly FamilyRun[] {
  if (error === undefined) return []
  const run = new FamilyRun(family, target)
  run.begin()
  // The next run ends it without a template, once the shards of the keyspace are settled.
  if (error.code === 'SHARDS_CHANGING') {
    run.fail(error)
    return [run]
  }
  const why = `${describe(family)}, so no run ends this.`
  run.fail(
    new ToolError(
      error.code,
      error.faults.map(({ next, ...fault }) => ({
        ...fault,
        next: `${why} Put its template back first.${next === undefined ? '' : ` Then: ${next}`}`,
      })),
    ),
  )
  return [run]
}
