import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type AlterChange, readAlterChange } from './alter-change.ts'
import type { ChangeRequest, MadeChange } from './change-request.ts'
import { checkCopy } from './check-copy.ts'
import { copyByLog } from './copy-by-log.ts'
import { copyBySpirit } from './copy-by-spirit.ts'
import { copyTable } from './copy-table.ts'
import { copyToolOf, followsLog } from './copy-tool.ts'
import { cutOver } from './cut-over.ts'
import { fingerprintOf, readDefinition } from './definition.ts'
import { keepNumbers } from './keep-numbers.ts'
import type { LiveCopy } from './live-copy.ts'
import { digestOf, isOver, newToken, type OnlineRecord, onlineHoldName } from './record.ts'
import { refuseChange, swappedUncompared } from './refusals.ts'
import { completeSwap, giveUp, lookAtChange, removeLeft, withLeft } from './settle.ts'
import { isChangedInPlace } from './spirit.ts'

/**
 * Makes the change in the way that others notice least: in the dictionary alone, else in place where the table is small enough, else by a copy that a tool makes and
 * wwdb compares and swaps. A change that an earlier run has copied goes on there.
 */
export async function changeOnline(request: ChangeRequest): Promise<MadeChange> {
  const earlier = await settleEarlier(request)
  if (earlier?.record.state === 'held')
    return { how: 'by a copy', notes: [`${describeEarlier(earlier)} ${describeHeld(earlier.record)}`] }
  const change = readAlterChange(request.text, request.table, copyToolOf(request.tool).program)
  if (earlier !== null) return finish(request, earlier.record, change, null)
  for (const way of ['instant', 'in place'] as const) {
    if (way === 'in place' && !mayRebuild(request)) continue
    const clause = way === 'instant' ? 'ALGORITHM=INSTANT' : 'ALGORITHM=INPLACE, LOCK=NONE'
    if (await request.server.alter(change.withClause(clause), request.lockWait)) return { how: way, notes: [] }
    if (way === 'instant' && mayRebuild(request)) await request.governor?.clear()
  }
  const record = recordOf(request, change, await fingerprintOf(request))
  await refuseChange(request, change, record)
  await request.server.writeRecord(record)
  let live: LiveCopy | null = null
  try {
    if (record.tool === 'pt-osc') await copyTable(request, change, record)
    else live = await (record.tool === 'spirit' ? copyBySpirit : copyByLog)(request, change, record)
  } catch (error) {
    const { server, target } = request
    // What holds the tool up is not in the hands of wwdb alone.
    if (followsLog(record) && (await lookAtChange(server, record).catch(() => null)) === 'swapped')
      throw await describeUncompared(request, record)
    const isThrottled = error instanceof ToolError && error.code === 'THROTTLED'
    throw await giveUp(
      { server, schema: target.schema, record },
      error,
      isThrottled
        ? 'Of this statement nothing stays: its incomplete copy was removed, and is made again from the beginning.'
        : '',
    )
  }
  if (live !== null) return finishLive(request, record, change, live)
  return finish(request, await writeCopied(request, record), change, null)
}

async function writeCopied(request: ChangeRequest, record: OnlineRecord): Promise<OnlineRecord> {
  const copied: OnlineRecord = { ...record, state: 'copied', made: await readDefinition(request, record.copy) }
  await request.server.writeRecord(copied)
  return copied
}

/** A copy that is current only while its tool runs: whatever ends the change before the tables are swapped ends the copy as well. */
async function finishLive(
  request: ChangeRequest,
  record: OnlineRecord,
  change: AlterChange,
  live: LiveCopy,
): Promise<MadeChange> {
  const { server, target } = request
  let isCompared = false
  const compared = (): void => {
    isCompared = true
  }
  try {
    return await finish(request, await writeCopied(request, record), change, { ...live, compared })
  } catch (caught) {
    // What a tool that ended no longer brings to the copy is no other value of it.
    const error = caught instanceof ToolError && caught.code === 'COPY_DIFFERS' ? (live.failure() ?? caught) : caught
    await live.close()
    // A connection that was lost after the swap leaves it to the next run, and so does one on which nobody can look.
    const found = await lookAtChange(server, record).catch(() => null)
    if (found === 'swapped' && !isCompared) throw await describeUncompared(request, record)
    if (found === 'swapped' || found === null) throw error
    const isSaid = error instanceof ToolError && saysWhatStays.has(error.code)
    throw await giveUp({ server, schema: target.schema, record }, error, isSaid ? '' : removed)
  } finally {
    await live.close()
  }
}

/** The next run finds the swap, as that of a run that was killed: a revert needs the definition that it gave the table. */
async function describeUncompared(request: ChangeRequest, record: OnlineRecord): Promise<ToolError> {
  const { server, target } = request
  const old = await server.findOld(record)
  await server.writeRecord({ ...record, made: await readDefinition(request, record.table) })
  return swappedUncompared(record, target, old?.name ?? record.hold)
}

const saysWhatStays: ReadonlySet<string> = new Set(['COPY_DIFFERS', 'ONLINE_FAILED'])
const removed = 'Its copy was removed, as nothing keeps it current: the next run begins it again.'

const mayRebuild = ({ bytes, online, tool, text }: ChangeRequest): boolean =>
  (bytes !== null && bytes <= online.inplace) || (tool === 'spirit' && isChangedInPlace(text))

interface EarlierChange {
  readonly record: OnlineRecord
  /** Whether its copy was complete for wwdb, which compares it then. */
  readonly isCopied: boolean
}

const describeEarlier = ({ record: { tool, table }, isCopied }: EarlierChange): string =>
  isCopied
    ? 'An earlier run compared the rows and swapped the tables.'
    : `In an earlier run ${copyToolOf(tool).program} swapped \`${table}\` and its copy before wwdb had compared their rows.`

/**
 * What an earlier run left of this statement: `held` where its copy has taken the place of the table, `copied` where the copy can, and null where the change begins anew.
 * Such a run may have written to its journal row that it failed, and what it could not remove is removed here.
 */
async function settleEarlier(request: ChangeRequest): Promise<EarlierChange | null> {
  const { server, target, at, table, text, online, now } = request
  // The pass may be another one, where the row of the journal was removed meanwhile.
  const left = (await server.readRecords()).filter(
    (one) => !isOver(one) && one.version === at.version && one.table === table.name,
  )
  for (const record of left) {
    await server.endSessions(record)
    const found = await lookAtChange(server, record)
    const isSame = record.statement === at.statement && record.textDigest === digestOf(text)
    if (found === 'swapped') {
      const keptUntil = record.keptUntil ?? now() + online.grace
      const kept = await completeSwap(server, target.schema, { ...record, state: 'swapped', keptUntil })
      const held: OnlineRecord = { ...record, state: 'held', keptUntil, hold: kept }
      if (isSame) return { record: held, isCopied: record.state !== 'copying' }
    } else if (
      found === 'kept-current' &&
      record.state === 'copied' &&
      isSame &&
      record.fingerprint === (await fingerprintOf(request))
    ) {
      const moved = { ...record, pass: at.pass }
      // A run that is killed between the two finds both, and none that is over.
      if (record.pass !== at.pass) {
        await server.writeRecord(moved)
        await server.writeRecord({ ...record, state: 'removed' })
      }
      return { record: moved, isCopied: true }
    } else await removeLeft(server, target.schema, record)
  }
  return null
}

function recordOf(
  { target, table, tool, at, text, now }: ChangeRequest,
  { renamed }: AlterChange,
  fingerprint: string,
): OnlineRecord {
  return {
    ...at,
    tool,
    table: table.name,
    ...copyToolOf(tool).namesOf(target.schema, table.name),
    hold: onlineHoldName(table.name, at.version, now()),
    state: 'copying',
    token: newToken(),
    renamed: Object.fromEntries(renamed),
    textDigest: digestOf(text),
    fingerprint,
    keptUntil: null,
    made: null,
    takesBack: null,
    since: null,
  }
}

/** A column or an index that the table got since the copy was begun is not in the copy, and would be gone after the swap. */
async function checkDefinition(request: ChangeRequest, record: OnlineRecord): Promise<void> {
  const { target } = request
  if (record.fingerprint === (await fingerprintOf(request))) return
  throw new ToolError('COPY_DIFFERS', {
    what: `The definition of \`${record.table}\` was changed while it was copied.`,
    where: { database: target.database, server: target.server },
    why: 'The copy was made from the definition before: it does not have what was added to the table meanwhile.',
    next: 'The table is as it is, and the copy was removed. Run the command again to begin the copy again.',
  })
}

/** The copy is complete: it is compared with the table, and takes its place. */
async function finish(
  request: ChangeRequest,
  record: OnlineRecord,
  change: AlterChange,
  live: (Pick<LiveCopy, 'swap'> & { readonly compared: () => void }) | null,
): Promise<MadeChange> {
  const { server, target, now, online } = request
  let compared: { readonly rows: number }
  try {
    await checkDefinition(request, record)
    if (!copyToolOf(record.tool).keepsDefinition) await keepNumbers(request, record, live === null ? record.copy : null)
    compared = await checkCopy(request, record)
    live?.compared()
    await cutOver(request, record, {
      countsRows: change.uniques.length > 0,
      check: () => checkDefinition(request, record),
      ...(live !== null && { swap: live.swap }),
    })
  } catch (error) {
    if (live !== null) throw error
    if (error instanceof ToolError && error.code === 'COPY_DIFFERS')
      throw await giveUp({ server, schema: target.schema, record }, error, '')
    throw whenThrottled(error, keeps(record))
  }
  const keptUntil = now() + online.grace
  const hold = await completeSwap(server, target.schema, { ...record, state: 'swapped', keptUntil })
  return {
    how: 'by a copy',
    notes: [
      `${countOf(compared.rows, 'row')} ${compared.rows === 1 ? 'was' : 'were'} compared with their copy before it took the place of \`${record.table}\`.`,
      describeHeld({ hold, keptUntil }),
    ],
  }
}

const keeps = ({ copy }: OnlineRecord): string =>
  `The complete copy \`${copy}\` stays, and the next run compares it again and goes on with the swap. Until then, triggers write each change of the table twice.`

/** The governor does not know what a run that it ends leaves of the change. */
function whenThrottled(error: unknown, left: string): unknown {
  return error instanceof ToolError && error.code === 'THROTTLED' ? withLeft(error, left) : error
}

function describeHeld({ hold, keptUntil }: Pick<OnlineRecord, 'hold' | 'keptUntil'>): string {
  const until = new Date(keptUntil ?? 0).toISOString().slice(0, 16).replace('T', ' ')
  return `The table as it was is kept as \`${hold}\` until ${until} UTC.`
}
