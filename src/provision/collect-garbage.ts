import type { Config } from '../config/config.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { timeText } from '../core/instant.ts'
import { ToolError } from '../core/tool-error.ts'
import type { EnvironmentRecord } from './ports.ts'
import { environmentOfSnapshot, type RemovedEnvironment, type UnremovedEnvironment } from './provision.ts'
import { dropEnvironment, type Removal } from './remove-environment.ts'
import { isInPool, isMadeUp, onEachServer } from './variables.ts'

/** A row of the registry that can be dropped, and why. */
export interface Garbage {
  readonly record: EnvironmentRecord
  /** Half a sentence. */
  readonly why: string
}

/** Milliseconds after its last use when a template is stale, if no age is given. */
const templateAge = 24 * 3_600_000

/**
 * Finds what can be dropped: test environments that have expired, that a killed run left behind, or that are older than the
 * given age, and unused templates. A test environment whose name is held is never dropped.
 * @param olderThan milliseconds; null for no age
 */
export function findGarbage(
  records: readonly EnvironmentRecord[],
  now: number,
  olderThan: number | null,
): readonly Garbage[] {
  const free = records.filter((record) => !record.held)
  return free.flatMap((record) => {
    const why =
      record.kind === 'environment'
        ? judgeEnvironment(record, now, olderThan)
        : isSnapshot(record)
          ? judgeSnapshot(record, records)
          : judgeTemplate(record, records, now, olderThan)
    return why === null ? [] : [{ record, why }]
  })
}

const isSnapshot = ({ name }: EnvironmentRecord): boolean => environmentOfSnapshot(name) !== null

function judgeEnvironment(record: EnvironmentRecord, now: number, olderThan: number | null): string | null {
  if (record.state === 'making') return 'the run that created it ended before it was complete'
  if (record.state === 'removing') return 'the run that dropped it did not finish'
  if (record.scope === 'process') return 'the process that used it has ended'
  if (record.expiresAt !== null && record.expiresAt <= now) return `it expired at ${timeText(record.expiresAt)}`
  if (olderThan !== null && now - record.createdAt >= olderThan)
    return `it was created at ${timeText(record.createdAt)}`
  return null
}

function judgeTemplate(
  record: EnvironmentRecord,
  records: readonly EnvironmentRecord[],
  now: number,
  olderThan: number | null,
): string | null {
  if (isInUse(record, records)) return null
  if (record.state === 'making') return 'the run that created it ended before it was complete'
  if (record.state === 'removing') return 'the run that dropped it did not finish'
  if (now - record.usedAt >= (olderThan ?? templateAge)) return `it has not been used since ${timeText(record.usedAt)}`
  return null
}

/** A snapshot lives as long as its test environment, at any age. */
function judgeSnapshot({ name, state }: EnvironmentRecord, records: readonly EnvironmentRecord[]): string | null {
  if (state === 'making') return 'the run that took it ended before it was complete'
  if (state === 'removing') return 'the run that dropped it did not finish'
  const environment = environmentOfSnapshot(name)
  return records.some((record) => record.name === environment) ? null : 'its test environment was dropped'
}

/** A test environment that is being created reads its template; a ready one may be reset to it. */
export function isInUse(template: EnvironmentRecord, records: readonly EnvironmentRecord[]): boolean {
  return records.some((record) => record.template === template.name)
}

/** An expired or abandoned item as it is shown. */
export function toRemoved({ record, why }: Garbage): RemovedEnvironment {
  const { name, schemas, stores } = record
  const kind = isSnapshot(record) ? 'snapshot' : record.kind
  return { name, kind, why, stores, schemas: schemas.map(({ schema }) => schema) }
}

/** What was dropped, and what could not be: an environment whose store is down does not keep the others from being dropped. */
export interface Collection {
  readonly removed: readonly RemovedEnvironment[]
  readonly failed: readonly UnremovedEnvironment[]
  /** The exit code of the first failure; null where there was none. */
  readonly exitCode: ExitCode | null
}

/** Drops the candidates, each checked again while its name is held: a test environment may be in use by then. */
export async function collectGarbage(removal: Removal, olderThan: number | null): Promise<Collection> {
  const collection = {
    removed: [] as RemovedEnvironment[],
    failed: [] as UnremovedEnvironment[],
    exitCode: null as ExitCode | null,
  }
  // Templates and snapshots come second: test environments that were just dropped no longer need them.
  for (const kind of ['environment', 'template'] as const) {
    const { now, records } = await removal.registry.read()
    for (const { record } of findGarbage(records, now, olderThan).filter((one) => one.record.kind === kind)) {
      try {
        const removed = await collect(removal, olderThan, record.name)
        if (removed !== null) collection.removed.push(removed)
      } catch (error) {
        // A stop is not a failure of this environment.
        if (!(error instanceof ToolError) || error.code === 'STOPPED') throw error
        collection.failed.push({ name: record.name, faults: error.faults })
        // A resource that one environment lacks is not a mistake in the arguments of this command.
        collection.exitCode ??= error.exitCode === exitCodes.usage ? exitCodes.failed : error.exitCode
      }
    }
  }
  return collection
}

/** Whose leftovers a run may drop unasked. */
interface AbandonedBy {
  /** Who runs it: what others left, they drop themselves. */
  readonly owner: string
  /** The given name of a pool, whose numbered test environments belong to it however many workers it has now; null without one. */
  readonly pool: string | null
}

/**
 * Drops what killed runs of this person and project left: of names that a run made up, and of the numbers of a pool, as whoever gives a name clears its way
 * himself. A free name is no proof that a run has ended: its lock ends with one idle connection, and is none of another member of a group or of a former source, which has the same
 * registry. So nothing goes that a session has selected, that has stores, or that is on such a server. What stays is left to `wwdb provision gc`, which says why.
 */
export async function collectAbandoned(removal: Removal, by: AbandonedBy): Promise<void> {
  const { now, records } = await removal.registry.read()
  const left = findAbandoned(records, now, removal.config, by)
  if (left.length === 0 || (await removal.registry.isShared())) return
  for (const record of left) {
    try {
      if (!(await isSelected(removal, record))) await collect(removal, null, record.name)
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
    }
  }
}

/** Pure. */
export function findAbandoned(
  records: readonly EnvironmentRecord[],
  now: number,
  config: Pick<Config, 'databases'>,
  { owner, pool }: AbandonedBy,
): readonly EnvironmentRecord[] {
  const isOwn = (name: string): boolean => isMadeUp(name) || (pool !== null && isInPool(name, pool))
  return findGarbage(records, now, null)
    .map(({ record }) => record)
    .filter((record) => record.scope === 'process' && record.owner === owner && record.stores.length === 0)
    .filter((record) => isOwn(record.name) && isOfProject(record, config))
}

async function isSelected({ servers, config }: Removal, { schemas }: EnvironmentRecord): Promise<boolean> {
  const selected = await onEachServer(servers, config, schemas, (stage, own) => stage.findSelected(own))
  return selected.flat().length > 0
}

/** Another project on the server may have servers that this one does not know. */
function isOfProject({ schemas }: EnvironmentRecord, { databases }: Pick<Config, 'databases'>): boolean {
  const labels = new Set(['', ...databases.map(({ server }) => server.label)])
  const names = new Set(databases.map(({ name }) => name))
  return schemas.every(({ database, server }) => names.has(database) && labels.has(server))
}

/** Null where another process has it, or it may not go any more. */
async function collect(removal: Removal, olderThan: number | null, name: string): Promise<RemovedEnvironment | null> {
  const { registry } = removal
  if (!(await registry.hold(name, 0))) return null
  try {
    const { now, records } = await registry.read()
    const again = findGarbage(records, now, olderThan).find((one) => one.record.name === name)
    if (again === undefined) return null
    await dropEnvironment(removal, again.record)
    return toRemoved(again)
  } finally {
    await registry.release(name).catch(() => undefined)
  }
}
