import { setTimeout } from 'node:timers/promises'
import { ToolError } from '../../core/tool-error.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { copyToolOf, followsLog } from './copy-tool.ts'
import { sentryComment } from './gh-ost.ts'
import { numberLike } from './keep-numbers.ts'
import type { OnlineServer } from './ports.ts'
import { isOf, isOver, type OnlineRecord } from './record.ts'
import { isSpiritCheckpoint, spiritSentinel } from './spirit.ts'

/** What the server shows of a change that a run began. */
export type FoundChange =
  /** The copy has taken the place of the table. */
  | 'swapped'
  /** The copy is there, and every trigger is on the table: it is current. */
  | 'kept-current'
  /** Anything else of it, or nothing. */
  | 'unfinished'

export async function lookAtChange(server: OnlineServer, record: OnlineRecord): Promise<FoundChange> {
  const { table, copy, hold, triggers } = record
  const tables = new Set(await server.findTables([table, copy, hold]))
  if (tables.has(hold) && !tables.has(copy)) return 'swapped'
  if (followsLog(record))
    return !tables.has(copy) && (await findLeftOld(server, record)) !== null ? 'swapped' : 'unfinished'
  const found = await server.findTriggers(triggers)
  const isCurrent = tables.has(copy) && triggers.every((trigger) => found.get(trigger) === table)
  return isCurrent ? 'kept-current' : 'unfinished'
}

/** The name that its tool gave the table as it was, where that is there: not the empty one that stands there while a cut-over of gh-ost is under way. */
async function findLeftOld(server: OnlineServer, record: OnlineRecord): Promise<string | null> {
  const found = await server.findOld(record)
  return found === null || found.comment === sentryComment ? null : found.name
}

/** What became of the statement whose change an earlier run left. */
export interface SettledChange {
  readonly version: string
  readonly pass: number
  readonly statement: number
  readonly ran: boolean
  readonly why: string
}

/**
 * Settles the changes that earlier runs left, under the lock: sessions of a tool that may still live are ended, what is swapped is completed, a complete copy that is
 * kept current waits for the statement to be run again, and everything else is removed, triggers first. What the server shows decides, and no exit code.
 * @param isOpen whether the journal has open rows of definitions; where it has none, only what no statement will look at again is settled: the triggers of reverts that
 * ended before their swap, and tables that were swapped and could not be put under their hold names
 */
export async function settleChanges(
  server: OnlineServer,
  schema: string,
  grace: number,
  now: () => number,
  isOpen: boolean,
): Promise<readonly SettledChange[]> {
  const settled: SettledChange[] = []
  for (const record of await server.readRecords()) {
    if (!isOpen && !isLeft(record)) continue
    const at = { pass: record.pass, statement: record.statement, version: record.version }
    const place = `the place of \`${record.table}\``
    const uncompared = record.state === 'copying' ? ' before its rows were compared' : ''
    const swapped = { ...at, ran: true, why: `${nameCopy(record)} has taken ${place}${uncompared}` }
    // The run may have been killed before it closed the row.
    if (record.state === 'held') settled.push(swapped)
    if (isOver(record)) continue
    await server.endSessions(record)
    const found = await lookAtChange(server, record)
    if (found === 'swapped' && !isOpen && record.state !== 'swapped') continue
    if (found === 'swapped') {
      await completeSwap(server, schema, { ...record, state: 'swapped', keptUntil: record.keptUntil ?? now() + grace })
      settled.push(swapped)
    } else if (found === 'kept-current' && record.state === 'copied')
      settled.push({
        ...at,
        ran: false,
        why: 'its copy is complete, and has not taken the place of the table',
      })
    else {
      await removeLeft(server, schema, record)
      const why =
        record.takesBack === null
          ? `its copy was not complete, or not kept current any more, and was removed`
          : 'the table as it was before did not take its place'
      settled.push({ ...at, ran: false, why })
    }
  }
  return settled
}

/** Whether a revert began and did not end, whose triggers write to the table that is kept, or a swap is not complete. */
export const isLeft = (record: OnlineRecord): boolean =>
  record.state === 'swapped' || (record.takesBack !== null && !isOver(record))

const nameCopy = ({ takesBack }: OnlineRecord): string =>
  takesBack === null ? 'its copy' : 'the table as it was before'

/**
 * Removes the triggers, each by its exact name, and says that the change is complete. Where the kept table is in use, the next run does it. Returns under which name the
 * table as it was is kept.
 */
export async function completeSwap(server: OnlineServer, schema: string, record: OnlineRecord): Promise<string> {
  await server.writeRecord(record)
  const left = await putOnHold(server, schema, record)
  if (left !== null) return left
  if ((await dropTriggers(server, schema, record)).length > 0) return record.hold
  const { takesBack } = record
  const before = takesBack === null ? [] : (await server.readRecords()).filter((one) => isOf(one, takesBack))
  for (const one of before) await server.writeRecord({ ...one, state: 'reverted' })
  await server.writeRecord({ ...record, state: 'held' })
  return record.hold
}

/** A tool that swapped the tables itself gave the table as it was a name of its own: it is returned where nobody could rename the table, which the next run does. */
async function putOnHold(server: OnlineServer, schema: string, record: OnlineRecord): Promise<string | null> {
  const { hold, logs } = record
  const old = await findLeftOld(server, record)
  if (old !== null) {
    const isBehind = copyToolOf(record.tool).keepsDefinition
    const number = isBehind ? await numberLike({ server, target: { schema } }, old, record.table) : null
    if (number !== null && !(await defineSoon(server, number))) return old
    const text = `RENAME TABLE ${quoteQualified(schema, old)} TO ${quoteQualified(schema, hold)}`
    if (!(await defineSoon(server, text))) return old
  }
  // The swap began with the drop of spirit's sentinel: one that is there is that of another spirit, which would swap its table without it.
  await dropTables(
    server,
    schema,
    logs.filter((name) => name !== spiritSentinel),
  )
  return null
}

async function defineSoon(server: OnlineServer, text: string): Promise<boolean> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (await server.define(text)) return true
    if (attempt < attempts) await setTimeout(between)
  }
  return false
}

async function dropTables(server: OnlineServer, schema: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  for (const name of await server.findTables(names)) await server.ask(`DROP TABLE ${quoteQualified(schema, name)}`)
}

/**
 * Triggers first: those of pt-online-schema-change make every write of the table fail once the copy is gone. Throws ToolError `BLOCKED` where they cannot be
 * removed: then the record stays as it is, and the next run tries it again.
 */
async function removeCopy(server: OnlineServer, schema: string, record: OnlineRecord): Promise<void> {
  const left = await dropTriggers(server, schema, record)
  if (left.length > 0) throw inTheWay(record, left)
  // What takes a change back has the table as it was for its copy.
  if (record.takesBack === null) await dropTables(server, schema, [record.copy, ...(await listOwnLogs(server, record))])
  // An old table that has rows is the table itself, and there is none of that name here.
  const old = await server.findOld(record)
  if (old !== null && old.comment === sentryComment) await dropTables(server, schema, [old.name])
  await server.writeRecord({ ...record, state: 'removed' })
}

/** Without a sentinel for which a spirit waits that changes another table: once it is gone, that one swaps its tables. */
async function listOwnLogs(server: OnlineServer, { table, logs }: OnlineRecord): Promise<readonly string[]> {
  if (!logs.includes(spiritSentinel)) return logs
  const others = (await server.readLeftovers()).filter((one) => one.table !== table)
  const isShared = others.some(({ tables }) => tables.some(({ name }) => isSpiritCheckpoint(name)))
  return isShared ? logs.filter((name) => name !== spiritSentinel) : logs
}

/** Removes what a change that did not end has left. Of one that was swapped that is its record alone: a table that has the name of its copy is another. */
export async function removeLeft(server: OnlineServer, schema: string, record: OnlineRecord): Promise<void> {
  if (record.state === 'swapped') await server.writeRecord({ ...record, state: 'removed' })
  else await removeCopy(server, schema, record)
}

const attempts = 5
const between = 1000

/**
 * Only those on the table, under either of its names: the tool cuts long names, so that another table's triggers may be called the same. Short tries, because
 * whatever waits for the table would make each later statement on it wait as well. Returns those that stay.
 */
async function dropTriggers(server: OnlineServer, schema: string, record: OnlineRecord): Promise<readonly string[]> {
  const own = [record.table, record.hold].map((name) => name.toLowerCase())
  for (let attempt = 1; ; attempt += 1) {
    const left: string[] = []
    for (const [trigger, table] of await server.findTriggers(record.triggers)) {
      if (!own.includes(table.toLowerCase())) continue
      // What holds the table against one of them holds it against all.
      const isGone = left.length === 0 && (await server.define(`DROP TRIGGER ${quoteQualified(schema, trigger)}`))
      if (!isGone) left.push(trigger)
    }
    if (left.length === 0 || attempt === attempts) return left
    await setTimeout(between)
  }
}

function inTheWay({ table, copy }: OnlineRecord, left: readonly string[]): ToolError {
  const names = left.map((name) => `\`${name}\``).join(', ')
  return new ToolError('BLOCKED', {
    what: `The triggers ${names} could not be removed: \`${table}\` was in use at each of ${attempts} attempts.`,
    why: `They write each change of \`${table}\` to \`${copy}\` as well. Without that table, every write of \`${table}\` would fail.`,
    next: `Do not drop \`${copy}\`. End the transactions that hold \`${table}\`, then run the command again: each run of \`wwdb migrate\` removes the triggers first.`,
  })
}

/** Removes what a change that failed has made so far. Returns its error, which says what was removed or what stays. */
export async function giveUp(
  { server, schema, record }: { readonly server: OnlineServer; readonly schema: string; readonly record: OnlineRecord },
  error: unknown,
  removed: string,
): Promise<unknown> {
  try {
    await removeCopy(server, schema, record)
    return withLeft(error, removed)
  } catch (thrown) {
    // The error that ended the change says more than the one that came of it.
    if (!(error instanceof ToolError)) return error
    const why = thrown instanceof ToolError ? thrown.faults.map((fault) => `${fault.what} ${fault.next ?? ''}`) : []
    return withLeft(
      error,
      why.length > 0
        ? why.join(' ')
        : `What it made may still be there: do not drop \`${record.copy}\`; the next run of \`wwdb migrate\` removes the triggers first.`,
    )
  }
}

/** The error, which says as well what is left of the change. */
export function withLeft(error: unknown, left: string): unknown {
  if (!(error instanceof ToolError) || left === '') return error
  const faults = error.faults.map((fault) => ({
    ...fault,
    next: fault.next === undefined ? left : `${fault.next} ${left}`,
  }))
  return new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
}
