import type { ServerConfig } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import type { Connection } from './connection.ts'
import { isServerError } from './errors.ts'
import { type Channel, readChannels } from './replication-channels.ts'

/** Seconds of lag that are not worth mentioning: the duration of an answer. */
const negligible = 1

/**
 * Where the changes that this server applies come from; empty where it shows no source, or may not show it.
 * @param group whether what others of its group wrote counts as well: its primary has a channel for that, too
 */
async function readSources(connection: Connection, group: boolean): Promise<readonly Channel[]> {
  try {
    const own = await readChannels(connection)
    return group ? [...own, ...(await readChannels(connection, true))] : own
  } catch (error) {
    if (!isServerError(error) || error.fatal) throw error
    return []
  }
}

function describeLag({ applies, receives, lag, error }: Channel): string {
  const words = error === '' ? '' : ` (${error.replace(/\s+/g, ' ').slice(0, 200)})`
  if (!applies) return `its applier is stopped${words}, so it lacks everything since then`
  if (!receives) return `it receives nothing from its source${words}, so it lacks everything since then`
  if (lag === null) return 'its lag is not known, so it counts as behind'
  return lag > negligible ? `it is ${lag} s behind` : 'it is not behind at the moment'
}

/**
 * The notice of a reading command about a server that accepts no writes: its answers show the state that it has reached. @param primary the server that accepts writes, where it is known
 */
export async function describeReplica(connection: Connection, target: Target, primary: string | null): Promise<string> {
  const [source] = await readSources(connection, true)
  const elsewhere = primary === null ? 'the server that accepts writes' : primary
  const next = `Make changes on ${elsewhere}, not here.`
  if (source === undefined) return `The server at ${target.server} is read-only. ${next}`
  return `The server at ${target.server} is read-only, a replica: ${describeLag(source)}. The report shows the state that it has reached. ${next}`
}

/**
 * The queries in progress, and the answers of servers that replicate from no other: the databases of one configuration with one account on a server ask only
 * once.
 */
const asked = new WeakMap<ServerConfig, Promise<readonly Channel[]>>()

async function askOnce(connection: Connection, server: ServerConfig): Promise<readonly Channel[]> {
  const question = asked.get(server) ?? readSources(connection, false)
  asked.set(server, question)
  let sources: readonly Channel[] | null = null
  try {
    sources = await question.catch(() => readSources(connection, false))
    return sources
  } finally {
    // A lag is queried again, and so is what another connection left unanswered when it was lost.
    if (sources?.length !== 0) asked.delete(server)
  }
}

/**
 * The notice about a server that accepts writes and replicates from another one: it looks like any other server, and its answers show the state that it has
 * reached. Empty for a server that replicates from none, and for an account that may not see it.
 */
export async function describeWritableReplica(
  connection: Connection,
  target: Target,
  server: ServerConfig,
): Promise<readonly string[]> {
  const [source] = await askOnce(connection, server)
  if (source === undefined) return []
  return [
    `The server at ${target.server} is a replica of ${source.source} that is not read-only: ${describeLag(source)}. The report shows the state that it has reached, and changes here do not reach ${source.source}, whose changes may then fail here: make changes there, and set \`super_read_only = ON\` here.`,
  ]
}
