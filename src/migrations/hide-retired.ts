import type { Context } from '../command/context.ts'
import type { Config, DatabaseConfig } from '../config/config.ts'
import { countOf } from '../core/plural.ts'
import { nameServer } from '../core/server-place.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { compareServerVersions } from '../core/version.ts'
import type { StatementOutcome } from '../mysql/facts.ts'
import { onlineHoldName } from '../operate/online/record.ts'
import type { RetireStore } from '../operate/retire/ports.ts'
import { type Baseline, isWaiting, type RetiredRecord } from '../operate/retire/record.ts'
import { nameRetired, readRetirement, writeRetiring } from '../operate/retire/retirement.ts'
import { type SeenStatements, statementServers } from '../uses/ports.ts'
import { type Watched, watchObject } from '../uses/watch-object.ts'
import { isReferenced, needsValue } from './plan/retire-refusals.ts'
import type { Session } from './ports.ts'
import { readRanTexts } from './ran-texts.ts'
import type { Retired, RetiringStatement } from './retirements.ts'

const nothing: StatementOutcome = { rows: null, warnings: [], lastInsertId: null }

/** Statements of the last seven days are asked whether a column may become invisible: of its grace, where that is shorter. */
const recently = 7 * 86_400_000

interface Around {
  readonly context: Pick<Context, 'port' | 'now'>
  readonly config: Config
  readonly database: DatabaseConfig
  readonly store: RetireStore
}

/** Makes it visible again, where a run that was cut off has not done so; in a rollback of the migration that hid it. */
export async function bringBack(
  { session, statement, text, lockWait }: RetiringStatement,
  { store }: Around,
): Promise<Retired> {
  const back = statement.retire?.back
  const record = (await store.read()).find((one) => one.pass === back?.pass && one.statement === back.statement)
  if (record === undefined) throw new Error('what is taken back has a record')
  const presence = await store.look(record)
  if (presence === 'gone') throw isGone(session, record)
  const isToShow = record.isHidden && record.wasVisible && presence === 'hidden'
  const outcome = isToShow ? await session.run(text, lockWait) : nothing
  await store.update({ ...record, state: 'undone' }, record.state)
  return { outcome, made: { name: nameRetired(record), how: 'back', notes: [] } }
}

/** Under the lock: it was there when the rollback was planned. */
function isGone({ target }: Session, record: RetiredRecord): ToolError {
  return new ToolError('RETIRE_REFUSED', {
    what: `\`${nameRetired(record)}\` cannot be put back: it does not exist any more.`,
    where: { database: target.database, server: target.server },
    why: 'It was dropped after this rollback was planned.',
    next: 'Run the rollback again: its down part then creates it.',
  })
}

/** Each step is recorded before it is made: a run that is killed leaves what the next one sees on the server. */
export async function hide(
  { session, statement, text, at, lockWait }: RetiringStatement,
  { context, config, database, store }: Around,
): Promise<Retired> {
  const retirement = readRetirement(statement)
  if (retirement === null) throw new Error('only what drops one thing is marked')
  const { type, part } = retirement
  const table = retirement.table.name
  const name = nameRetired({ table, part })
  // A run that hid it and failed then: hidden twice, nobody would know that it was visible, or where the table is.
  const earlier = await findHidden(store, at, { type, table, part })
  const hold = earlier?.hold ?? (type === 'table' ? onlineHoldName(table, at.version, context.now()) : '')
  const before = await store.look({ type, table, part, hold })
  // The server says what it says of the statement itself.
  if (before === 'gone') return { outcome: await session.run(text, lockWait), made: null }
  // Hidden, it would still refuse the rows for which it is dropped.
  const isKept = type === 'index' && part !== null && (await store.isUnique(table, part))
  if (isKept && statement.retire?.isDefault === true) return { outcome: await session.run(text, lockWait), made: null }
  if (earlier === undefined) await refuseHiding(store, session, { type, table, part })
  const servers = await context.port(statementServers)
  const ran = () => readRanTexts(config, database, servers)
  const watch = (within: number): Promise<Watched> => {
    const named = part === null || type === 'table' ? null : { type, name: part }
    const tables = type === 'table' ? [hold] : [table]
    return watchObject(config, database, servers, { tables, part: named }, within, ran)
  }
  const grace = statement.retire?.grace ?? config.retire.grace
  const why =
    type === 'column' && part !== null && earlier === undefined
      ? await whyVisible(session, store, { table, column: part, grace }, () => watch(recently))
      : ''
  const isHidden = why === ''
  const record: RetiredRecord = {
    ...{ pass: at.pass, statement: at.statement, version: at.version, state: 'hiding' },
    ...{ type, table, part, hold, isHidden, why, wasVisible: earlier?.wasVisible ?? before === 'visible' },
    ...{ grace, since: context.now(), baselines: {}, uses: [], proof: null },
    dropVersion: null,
  }
  await store.write(record)
  const texts = writeRetiring({ type, table, part }, hold)
  const outcome = isHidden && before === 'visible' ? await session.run(texts.hide, lockWait) : nothing
  // It is hidden by now: a statement that fails here would run again, and find nothing to hide.
  const watched = await watch(0).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  const begun = beginWatch(typeof watched === 'string' ? { servers: [] } : watched, record)
  await store.write({ ...record, ...begun, state: 'retired' })
  const notes = typeof watched === 'string' ? [...keptAs(record), noteUnwatched(watched)] : noteOf(record, begun)
  return {
    outcome,
    made: { name, how: !isHidden ? 'watched' : type === 'table' ? 'held' : 'hidden', notes },
  }
}

/** What the same statement of the same pass has hidden before; undefined where it has not. */
async function findHidden(
  store: RetireStore,
  at: RetiringStatement['at'],
  { type, table, part }: Pick<RetiredRecord, 'type' | 'table' | 'part'>,
): Promise<RetiredRecord | undefined> {
  const found = (await store.read()).find((one) => one.pass === at.pass && one.statement === at.statement)
  if (found === undefined || !found.isHidden || !isWaiting(found)) return undefined
  const isSame = found.type === type && found.table === table && found.part === part
  return isSame && (await store.look(found)) === 'hidden' ? found : undefined
}

/** The counters of each server when the watch begins. */
function beginWatch(
  { servers }: Pick<Watched, 'servers'>,
  { since }: Pick<RetiredRecord, 'since'>,
): Pick<RetiredRecord, 'since' | 'baselines'> {
  const seen = servers.flatMap((one) => (one.type === 'seen' ? [one] : []))
  const baselines = seen.map(({ name, seen: { uuid, now }, count, created }): [string, Baseline] => [
    uuid,
    { name, at: now, count, created },
  ])
  const primary = seen.find(({ name }) => name === 'primary')
  return { since: primary?.seen.now ?? since, baselines: Object.fromEntries(baselines) }
}

function noteOf(record: RetiredRecord, { since }: Pick<RetiredRecord, 'since'>): readonly string[] {
  const until = new Date(since + record.grace).toISOString().slice(0, 16).replace('T', ' ')
  return [...keptAs(record), `\`wwdb retire run\` drops it from ${until} UTC on, if nothing uses it until then.`]
}

function keptAs({ type, hold, isHidden, why }: RetiredRecord): readonly string[] {
  if (type === 'table') return [`It is kept as \`${hold}\`.`]
  return isHidden ? [] : [`It stays visible: ${why}.`]
}

const noteUnwatched = (why: string): string =>
  `The servers could not be looked at (${why.replace(/\.$/, '')}): the next \`wwdb retire run\` begins to watch it.`

/** Under the lock, as the plan has looked before. Tables that reference it would follow it to its hold name. */
async function refuseHiding(
  store: RetireStore,
  session: Session,
  { type, table, part }: Pick<RetiredRecord, 'type' | 'table' | 'part'>,
): Promise<void> {
  if (type === 'column' && part !== null && !(await store.isLeftOut(table, part)))
    throw refuse(session, needsValue(table, part))
  if (type !== 'table') return
  const held = (await store.read()).filter(isWaiting).map(({ hold }) => `${hold}.`)
  const keys = (await store.listReferences(table)).filter((key) => !held.some((hold) => key.startsWith(hold)))
  if (keys.length === 0) return
  throw refuse(session, isReferenced(table, keys))
}

const refuse = ({ target }: Session, refusal: Pick<Fault, 'what' | 'why' | 'next'>): ToolError =>
  new ToolError('RETIRE_REFUSED', { ...refusal, where: { database: target.database, server: target.server } })

/** A counter that began later than the time that is asked about proves nothing of it. */
function findLaterCounting({ now, countedSince, resets }: SeenStatements, asked: number): string | null {
  const print = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (countedSince > now - asked) return `counts statements since ${print(countedSince)}`
  const reset = resets.find(({ at }) => at > now - asked)
  return reset === undefined ? null : `emptied or switched its counters at ${print(reset.at)}`
}

/** Why a column must stay visible; empty where it may become invisible. */
async function whyVisible(
  { facts }: Session,
  store: RetireStore,
  { table, column, grace }: { readonly table: string; readonly column: string; readonly grace: number },
  watch: () => Promise<Watched>,
): Promise<string> {
  if (compareServerVersions(facts.version, '8.0.23') < 0) return `MySQL ${facts.version} has no invisible columns`
  if (await store.isOnlyVisible(table, column)) return 'it is the only visible column of its table'
  const { servers, code } = await watch()
  for (const one of servers) {
    const place = nameServer(one.name)
    if (one.type === 'unseen') return `live statements were not looked at on ${place}: ${one.why}`
    const all = one.statements.filter(({ names }) => names === 'all').length
    if (all > 0) return `${countOf(all, 'live statement')} on ${place} read or write all columns`
    const unknown = one.unjudged + one.seen.lost
    if (unknown > 0) return `${countOf(unknown, 'statement')} on ${place} could not be judged`
    const later = findLaterCounting(one.seen, Math.min(recently, grace))
    if (later !== null) return `${place} ${later}, which proves nothing of the time before`
  }
  const all = code.find(({ names }) => names === 'all')
  return all === undefined ? '' : `stored code reads or writes all columns: ${all.label}`
}
