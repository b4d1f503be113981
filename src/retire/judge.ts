import { hostLabel } from '../config/url-parts.ts'
import { countOf } from '../core/plural.ts'
import { nameServer } from '../core/server-place.ts'
import type { Baseline, RetiredRecord, SeenUse } from '../operate/retire/record.ts'
import { nameRetired } from '../operate/retire/retirement.ts'
import { tokenize } from '../sql/tokens.ts'
import type { Watched, WatchedServer } from '../uses/watch-object.ts'

/**
 * What was seen of a retired thing since it was hidden:
 * - `unused`  nothing used it for its grace, on no server: it may be dropped
 * - `used`    somebody did; its grace begins again
 * - `unproven` a server was not looked at, or counts from later on
 * - `waiting` nothing used it, and its grace has not ended
 */
export type Verdict = {
  /** Since when each server is watched from now on. */
  readonly baselines: Readonly<Record<string, Baseline>>
} & (
  | { readonly type: 'unused'; readonly proof: string }
  | { readonly type: 'used'; readonly uses: readonly SeenUse[] }
  | { readonly type: 'unproven'; readonly why: readonly string[] }
  | { readonly type: 'waiting'; readonly until: number }
)

type Seen = Extract<WatchedServer, { readonly type: 'seen' }>

/** Judges a retired thing by its servers. A counter that began later proves nothing: then the watch of that server begins again. Pure. */
export function judgeRetired(record: RetiredRecord, { servers, code, unjudgedCode }: Watched): Verdict {
  const looks = servers.map((server) => ({ server, ...judgeServer(record, server) }))
  const gone = listGone(record, servers)
  const uses = [
    ...looks.flatMap((look) => look.uses),
    ...code
      .filter(({ names }) => names === 'name' || !hidesColumn(record))
      .map(({ label }): SeenUse => ({ server: 'primary', at: null, users: [], what: label })),
  ]
  const beginsAgain = uses.length > 0 || gone.length > 0
  const renewed = beginsAgain ? servers.filter((one) => one.type === 'seen') : looks.flatMap(({ renewed }) => renewed)
  // By the name of now a server is known that is not reached the next time.
  const names = new Map(servers.filter(isSeen).map(({ name, seen }) => [seen.uuid, name]))
  const kept = Object.entries(record.baselines).flatMap(([uuid, before]): readonly (readonly [string, Baseline])[] =>
    gone.includes(uuid) ? [] : [[uuid, { ...before, name: names.get(uuid) ?? before.name }]],
  )
  const baselines = Object.fromEntries([
    ...kept,
    ...renewed.map(({ name, seen, count, created }) => [seen.uuid, { name, at: seen.now, count, created }]),
  ])
  if (uses.length > 0) return { type: 'used', uses, baselines }
  const why = [...looks.flatMap((look) => look.why), ...explainGone(record, servers, gone), ...findUnnamed(servers)]
  if (why.length > 0) return { type: 'unproven', why, baselines }
  const until = Math.max(...looks.map((look) => look.until))
  if (looks.some(({ isOver }) => !isOver)) return { type: 'waiting', until, baselines }
  return { type: 'unused', proof: writeProof(record, servers, unjudgedCode), baselines }
}

/** `SELECT *` does not return a column that is invisible: who still sends it does without. */
const hidesColumn = ({ type, isHidden }: RetiredRecord): boolean => type === 'column' && isHidden

const isSeen = (server: WatchedServer): server is Seen => server.type === 'seen'

/** UUIDs of servers that were watched, and are not asked any more: nobody knows what was sent to them since the last look. */
function listGone({ baselines }: RetiredRecord, servers: readonly WatchedServer[]): readonly string[] {
  const known = new Set(servers.filter(isSeen).map(({ seen }) => seen.uuid))
  const unseen = new Set(servers.filter((one) => !isSeen(one)).map(({ name }) => name))
  return Object.entries(baselines).flatMap(([uuid, { name }]) => (known.has(uuid) || unseen.has(name) ? [] : [uuid]))
}

function explainGone({ baselines }: RetiredRecord, servers: readonly WatchedServer[], gone: readonly string[]) {
  return gone.map((uuid) => {
    const name = baselines[uuid]?.name ?? ''
    const isOther = servers.some((one) => one.name === name)
    const left = name.includes(':') ? 'is not in its group any more' : 'is not named any more'
    const what = isOther ? 'is another server than the one that was watched' : `was watched, and ${left}`
    return `${placeOf(name)} ${what}: all are watched from now on.`
  })
}

const placeOf = (name: string): string => nameServer(name).replace(/^\w/, (letter) => letter.toUpperCase())

interface ServerJudgment {
  readonly uses: readonly SeenUse[]
  readonly why: readonly string[]
  /** The server, where its watch begins again. */
  readonly renewed: readonly Seen[]
  readonly until: number
  readonly isOver: boolean
}

function judgeServer(record: RetiredRecord, server: WatchedServer): ServerJudgment {
  const place = placeOf(server.name)
  const none = { uses: [], renewed: [], until: 0, isOver: true }
  if (server.type === 'unseen') return { ...none, why: [`${place} was not looked at: ${server.why}.`] }
  const { seen, count } = server
  const before = record.baselines[seen.uuid]
  const since = before?.at ?? seen.now
  const uses = listUses(record, server, since)
  const later = before === undefined ? 'it was not watched before' : findLaterBegin(record, server, before)
  if (later !== null) return { ...none, uses, renewed: [server], why: [`${place} is watched from now on: ${later}.`] }
  const counted =
    before !== undefined && count > before.count ? [describeCount(record, server, count - before.count)] : []
  const until = since + record.grace
  return {
    uses: [...uses, ...counted],
    why: findUnknown(record, server, since).map((one) => `${place}: ${one}.`),
    renewed: [],
    until,
    isOver: until <= seen.now,
  }
}

function listUses(record: RetiredRecord, { name, statements }: Seen, since: number): readonly SeenUse[] {
  return statements
    .filter(({ lastSeen, names }) => lastSeen > since && (names === 'name' || !hidesColumn(record)))
    .map(({ lastSeen, users, text }) => ({ server: name, at: lastSeen, users, what: text.slice(0, longestShown) }))
}

const longestShown = 200

function describeCount({ type, part }: RetiredRecord, { name }: Seen, more: number): SeenUse {
  const what =
    type === 'table' ? `${countOf(more, 'row')} read or written` : `${countOf(more, 'row')} read by the index ${part}`
  return { server: name, at: null, users: [], what }
}

/** Why the counters of a server do not reach back to the beginning of its watch; null where they do. */
function findLaterBegin({ type, since, table }: RetiredRecord, server: Seen, before: Baseline): string | null {
  const { seen, count, created } = server
  if (seen.countedSince > before.at) return `it counts since ${toTime(seen.countedSince)}`
  const reset = seen.resets.find(({ at }) => at > before.at)
  if (reset !== undefined) return `its counters were reset or switched at ${toTime(reset.at)}`
  if (count < before.count) return 'its counters were reset'
  // Statements are counted by their digests, whatever becomes of the table.
  if (type === 'column') return null
  // A replica may hide it after its watch began, in the same second of the primary as the others.
  if (created !== null && created !== before.created && created > since)
    return `its table was changed at ${toTime(created)}, which may have reset its counters`
  // A table is hidden by another name.
  const renamed =
    type === 'index' ? seen.renames.find(({ at, text }) => at > before.at && mayName(text, table)) : undefined
  return renamed === undefined ? null : `its table was renamed at ${toTime(renamed.at)}, which resets its counters`
}

/** From this length on a digest may be cut. */
const shortestCut = 600

/** Whether a statement names a table: servers are asked for those whose text has its name anywhere. */
const mayName = (text: string, table: string): boolean =>
  text.length >= shortestCut || tokenize(text).some((token) => token.text.toLowerCase() === table.toLowerCase())

/** What was counted, but cannot be judged. Who reads by an index is counted by the index itself. */
function findUnknown({ type }: RetiredRecord, { seen, unjudged }: Seen, since: number): readonly string[] {
  const isCounting = type === 'column' || seen.countsIndexes
  return [
    ...(isCounting ? [] : ['it does not count reads and writes of tables']),
    ...(type === 'index' || unjudged === 0 ? [] : [`${countOf(unjudged, 'statement')} that it has cut may name it`]),
    ...(type === 'index' || seen.lostAt <= since
      ? []
      : ['statements were counted in its row with DIGEST NULL (`performance_schema_digests_size`)']),
  ]
}

/** Replicas that the configuration does not name may have readers of their own. */
function findUnnamed(servers: readonly WatchedServer[]): readonly string[] {
  const seen = servers.filter(isSeen)
  const known = new Set(seen.map((one) => one.seen.uuid))
  // Of those that were not reached, it is said already.
  const unseen = new Set(servers.filter((one) => !isSeen(one)).map(({ name }) => name))
  const others = seen.flatMap((one) => one.seen.members).filter((one) => !unseen.has(hostLabel(one)))
  const members = new Set(others.flatMap(({ uuid }) => (known.has(uuid) ? [] : [uuid])))
  return [
    ...seen.flatMap(({ name, seen: { uuid, readers } }) => {
      // One that is named twice, by two addresses, is one reader.
      const replicas = new Set(seen.flatMap((one) => (one.seen.sources.includes(uuid) ? [one.seen.uuid] : [])))
      const named = replicas.size + unseen.size
      if (readers <= named) return []
      return [
        `${countOf(readers, 'connection')} read the binary log of ${nameServer(name)}, and \`throttle.replicas\` names ${named}: the others were not looked at.`,
      ]
    }),
    ...(members.size === 0
      ? []
      : [
          `${countOf(members.size, 'member')} of the group of the servers were not looked at: another server is at the address that the group has of them. Name them in \`throttle.replicas\`.`,
        ]),
  ]
}

const mostListed = 10

function listSome(labels: readonly string[]): string {
  const more = labels.length - mostListed
  return labels.slice(0, mostListed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

const toTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function writeProof(record: RetiredRecord, servers: readonly WatchedServer[], unjudgedCode: readonly string[]): string {
  const places = servers.filter(isSeen).map(({ name, seen }) => {
    const since = record.baselines[seen.uuid]?.at ?? record.since
    return `${nameServer(name, '')} since ${toTime(since)}`
  })
  const how = record.type === 'column' ? 'no statement' : 'no statement and no counter'
  const beside = unjudgedCode.length === 0 ? '' : `; not judged: ${listSome(unjudgedCode)}`
  return `${nameRetired(record)} unused: ${how} on ${places.join(' and ')}${beside}`
}
