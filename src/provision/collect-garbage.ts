import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import type { SetRecord } from './ports.ts'
import type { RemovedSet, UnremovedSet } from './provision.ts'
import { dropSet, type Removal } from './remove-set.ts'

/** A row of the registry that nobody needs, and why. */
export interface Garbage {
  readonly record: SetRecord
  /** Half a sentence. */
  readonly why: string
}

/** Templates that nobody used for so long are stale where no age is given. Milliseconds. */
const templateAge = 24 * 3_600_000

/**
 * What may go: sets whose time is over, sets that no living process made or used to their end, sets older than asked for,
 * and templates that nobody uses. What somebody holds never goes.
 * @param olderThan milliseconds; null for no age
 */
export function findGarbage(records: readonly SetRecord[], now: number, olderThan: number | null): readonly Garbage[] {
  const free = records.filter((record) => !record.held)
  return free.flatMap((record) => {
    const why =
      record.kind === 'set' ? judgeSet(record, now, olderThan) : judgeTemplate(record, records, now, olderThan)
    return why === null ? [] : [{ record, why }]
  })
}

function judgeSet(record: SetRecord, now: number, olderThan: number | null): string | null {
  if (record.state === 'making') return 'the run that made it ended before it was whole'
  if (record.state === 'removing') return 'the run that dropped it did not come to its end'
  if (record.lease === 'process') return 'the process that used it is gone'
  if (record.expiresAt !== null && record.expiresAt <= now) return `it expired at ${minute(record.expiresAt)}`
  if (olderThan !== null && now - record.createdAt >= olderThan) return `it was made at ${minute(record.createdAt)}`
  return null
}

function judgeTemplate(
  record: SetRecord,
  records: readonly SetRecord[],
  now: number,
  olderThan: number | null,
): string | null {
  if (isInUse(record, records)) return null
  if (record.state === 'making') return 'the run that made it ended before it was whole'
  if (record.state === 'removing') return 'the run that dropped it did not come to its end'
  if (now - record.usedAt >= (olderThan ?? templateAge)) return `nobody has used it since ${minute(record.usedAt)}`
  return null
}

/** A set that is being made reads its template; one that is there may be taken back to it. */
export function isInUse(template: SetRecord, records: readonly SetRecord[]): boolean {
  return records.some((record) => record.template === template.name)
}

function minute(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** A piece of garbage as it is shown. */
export function toRemoved({ record, why }: Garbage): RemovedSet {
  const { name, kind, schemas, stores } = record
  return { name, kind, why, stores, schemas: schemas.map(({ schema }) => schema) }
}

/** What was dropped, and what could not be: an environment whose store is down keeps nobody from dropping the others. */
export interface Collection {
  readonly removed: readonly RemovedSet[]
  readonly failed: readonly UnremovedSet[]
  /** Of the first failure; null where there was none. */
  readonly exitCode: ExitCode | null
}

/** Drops what may go, judged again once its name is held: a set may have been taken into use meanwhile. */
export async function collectGarbage(removal: Removal, olderThan: number | null): Promise<Collection> {
  const collection = { removed: [] as RemovedSet[], failed: [] as UnremovedSet[], exitCode: null as ExitCode | null }
  // Templates come second: sets that have just gone need them no more.
  for (const kind of ['set', 'template'] as const) {
    const { now, records } = await removal.registry.read()
    for (const { record } of findGarbage(records, now, olderThan).filter((one) => one.record.kind === kind)) {
      try {
        const removed = await collect(removal, olderThan, record.name)
        if (removed !== null) collection.removed.push(removed)
      } catch (error) {
        // A stop is no failure of this one.
        if (!(error instanceof ToolError) || error.code === 'STOPPED') throw error
        collection.failed.push({ name: record.name, faults: error.faults })
        // What one environment lacks here is no mistake in the words of this command.
        collection.exitCode ??= error.exitCode === exitCodes.usage ? exitCodes.failed : error.exitCode
      }
    }
  }
  return collection
}

/** Null where another process has it, or it may not go any more. */
async function collect(removal: Removal, olderThan: number | null, name: string): Promise<RemovedSet | null> {
  const { registry } = removal
  if (!(await registry.hold(name, 0))) return null
  try {
    const { now, records } = await registry.read()
    const again = findGarbage(records, now, olderThan).find((one) => one.record.name === name)
    if (again === undefined) return null
    await dropSet(removal, again.record)
    return toRemoved(again)
  } finally {
    await registry.release(name).catch(() => undefined)
  }
}
