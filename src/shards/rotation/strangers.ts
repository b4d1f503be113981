import type { DatabaseConfig } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isBegun } from '../family-view.ts'
import type { ShardStore } from '../ports.ts'
import { settleIntent } from '../settle-family.ts'
import type { ShardRecord } from '../shard.ts'
import { lockShardTargets, type OpenedTarget } from './read-targets.ts'
import type { RotationRequest } from './request.ts'
import { FamilyRun, type TargetRun } from './target-run.ts'

/** Families in whose shards an earlier run has begun something; none where nothing is left. */
const begunFamilies = async (store: ShardStore): Promise<readonly string[]> => [
  ...groupBy((await store.readRegistry()).shards.filter(isBegun), ({ family }) => family).keys(),
]

/**
 * Opens the keyspaces in which no family is left, and an earlier run has begun something: only what looks at each shard of a keyspace ends that. One that cannot be read stops no rotation: it has
 * its error, and nothing is known to be left in it. Never rejects, as the others are open then.
 */
export async function openLeft(
  request: Pick<RotationRequest, 'config' | 'families' | 'servers'>,
  whole: ReadonlySet<string>,
): Promise<readonly OpenedTarget[]> {
  const isLeft = ({ name, vitess }: DatabaseConfig): boolean =>
    vitess !== undefined && whole.has(name) && !request.families.some(({ database }) => database === name)
  const opened = await Promise.all(request.config.databases.filter(isLeft).map((one) => openOne(request, one)))
  return opened.flatMap((one) => one ?? [])
}

async function openOne(
  { servers, config }: Pick<RotationRequest, 'config' | 'servers'>,
  database: DatabaseConfig,
): Promise<OpenedTarget | null> {
  let store: ShardStore | null = null
  try {
    store = await servers.open(database, config.timeouts, true)
    const strangers = await begunFamilies(store)
    if (strangers.length > 0) return { database, families: [], strangers, store, error: null }
    await store.close()
    return null
  } catch (error) {
    await store?.close().catch(() => undefined)
    return isAbsent(error) ? null : { database, families: [], strangers: [], store: null, error }
  }
}

/** No family waits for those: what another run works on, the next one looks at. */
export async function lockLeft(
  request: RotationRequest,
  left: readonly OpenedTarget[],
): Promise<readonly OpenedTarget[]> {
  const isHeld = (error: unknown): boolean => error instanceof ToolError && error.code === 'LOCK_HELD'
  const locked = await lockShardTargets(request, left, 0)
  return locked.map((one) => (isHeld(one.error) ? { ...one, strangers: [] } : one))
}

/** Warns of the keyspaces that could not be read, and returns why. */
export function sayUnseen({ emit }: Pick<RotationRequest, 'emit'>, left: readonly OpenedTarget[]): readonly unknown[] {
  const unseen = left.filter(({ store }) => store === null)
  for (const { database, error } of unseen) {
    const [{ what, why }] = error instanceof ToolError ? error.faults : [{ what: String(error), why: undefined }]
    const found = [what, why].filter(Boolean).join(' ')
    const message = `Whether an earlier run has left something open in \`${database.name}\`, where no family is left, was not seen: ${found}`
    emit({ type: 'warning', message, target: null })
  }
  return unseen.map(({ error }) => error)
}

/** A keyspace that does not exist has nothing that a run has begun. */
const isAbsent = (error: unknown): boolean => error instanceof ToolError && error.code === 'SCHEMA_MISSING'

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
