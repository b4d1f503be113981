import { formatDuration } from '../../core/duration.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { type Channel, readChannels } from '../../mysql/replication-channels.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'

/** Milliseconds of lag, or why it is unknown. */
export type Lag =
  | { readonly type: 'known'; readonly milliseconds: number }
  | { readonly type: 'unknown'; readonly why: string }

const known = (milliseconds: number): Lag => ({ type: 'known', milliseconds: Math.max(0, milliseconds) })
const unknown = (why: string): Lag => ({ type: 'unknown', why })

/**
 * How far a replica is behind: by the age of what it applies; of several channels, the one that is furthest behind counts. A channel that is stopped,
 * receives nothing, or whose lag is NULL has no lag to compare with a bound.
 */
export async function readLag(connection: Asker): Promise<Lag> {
  const channels = await readChannels(connection)
  if (channels.length === 0) return readMemberLag(connection)
  const lags: Lag[] = []
  for (const channel of channels) lags.push(await lagOf(connection, channel))
  return lags.reduce((worst, lag) => {
    if (worst.type === 'unknown') return worst
    return lag.type === 'unknown' || lag.milliseconds > worst.milliseconds ? lag : worst
  })
}

/** A member of a group has no channel of its own, but the one by which its group sends it what others wrote. */
async function readMemberLag(connection: Asker): Promise<Lag> {
  const [channel] = await readChannels(connection, true)
  if (channel === undefined) return unknown('it replicates from no server')
  if (!channel.applies || !channel.receives) return unknown('its group sends it nothing')
  // Nothing was received since it joined; MySQL shows no other status of this channel.
  return known((channel.lag ?? 0) * 1000)
}

async function lagOf(connection: Asker, { name, applies, receives, error, applying }: Channel): Promise<Lag> {
  const words = error === '' ? '' : ` (${error.replace(/\s+/g, ' ').slice(0, 200)})`
  if (!applies) return unknown(`its applier is stopped${words}`)
  if (!receives) return unknown(`it receives nothing from its source${words}`)
  if (applying !== null) return known(applying)
  // Transactions wait for SOURCE_DELAY or for their turn, or nothing was received since replication began.
  const seconds = await readSecondsBehind(connection, name)
  return seconds === null ? unknown('its Seconds_Behind_Source is NULL') : known(seconds * 1000)
}

/** Of SHOW REPLICA STATUS, from 0: the same in every version from 8.0.11 on. */
const secondsBehindColumn = 32

/** Seconds_Behind_Source. Needs REPLICATION CLIENT. */
async function readSecondsBehind(connection: Asker, channel: string): Promise<number | null> {
  const show = (what: string) => connection.ask(`SHOW ${what} STATUS FOR CHANNEL ${quoteString(channel)}`)
  const { rows } = await show('REPLICA').catch((error: unknown) => {
    // Before 8.0.22.
    if (hasNumber(error, serverErrors.syntax)) return show('SLAVE')
    throw error
  })
  const cell = rows[0]?.[secondsBehindColumn]
  return cell === null || cell === undefined ? null : Number(cell)
}

/** Milliseconds by which two clocks may differ. A row that is further ahead was written in another time zone, and would hide a lag. */
const mostAhead = 60_000

/**
 * The age of the newest row that `pt-heartbeat --utc` wrote on the source: correct even where a replica lost its source without noticing.
 */
export async function readHeartbeat(connection: Asker, table: string): Promise<Lag> {
  const [schema = '', name = ''] = table.split('.')
  const { rows } = await connection.ask(
    `SELECT TIMESTAMPDIFF(MICROSECOND,CAST(MAX(ts) AS DATETIME(6)),UTC_TIMESTAMP(6)) DIV 1000 FROM ${quoteName(schema)}.${quoteName(name)}`,
  )
  const cell = rows[0]?.[0]
  if (cell === null || cell === undefined) return unknown(`\`${table}\` has no heartbeat`)
  const age = Number(cell)
  if (age < -mostAhead)
    return unknown(
      `the newest heartbeat of \`${table}\` is ${formatDuration(-age)} ahead of UTC: \`pt-heartbeat\` needs \`--utc\``,
    )
  return known(age)
}
