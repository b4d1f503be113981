import type { ServerConfig, SessionConfig } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Asker, Connection } from './connection.ts'
import type { ServerFacts } from './facts.ts'
import { ownSession } from './pinned-session.ts'
import { isVtgate, plainVersion, readableSecret } from './server-facts.ts'

/**
 * What can be pinned of a session that vtgate keeps. `lock_wait_timeout` cannot: vtgate takes the assignment and leaves the tablet's value. Definitions run at once unless
 * they are given to Vitess one by one.
 */
function pinsOfVtgate({ sqlMode, timeZone }: SessionConfig = ownSession): readonly string[] {
  return [
    `SET sql_mode='${sqlMode}', time_zone='${timeZone}', innodb_lock_wait_timeout=50`,
    "SET transaction_isolation='REPEATABLE-READ', foreign_key_checks=1, unique_checks=1, sql_safe_updates=0",
    'SET NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci',
    "SET @@ddl_strategy='direct'",
  ]
}

async function pin(connection: Asker, session: SessionConfig | undefined): Promise<void> {
  for (const text of pinsOfVtgate(session)) await connection.ask(text)
}

/** A further connection, on which each statement is a transaction of its own. */
export const pinBeside = (connection: Asker): Promise<void> => pin(connection, undefined)

/** The same with the settings of the user's own session: values are converted there as in that. */
export const pinLike =
  (session: SessionConfig | undefined) =>
  (connection: Asker): Promise<void> =>
    pin(connection, session)

/** The same for a connection that takes and renews a lease: a row that its holder has locked is held, and not waited for. */
export async function pinKeeper(connection: Asker): Promise<void> {
  await pinBeside(connection)
  await connection.ask('SET innodb_lock_wait_timeout=1')
}

function notVitess({ database, server }: Target, version: string): ToolError {
  return new ToolError('SERVER_UNSUPPORTED', {
    what: `The server at ${server} is MySQL ${version}, not a vtgate.`,
    where: { server, database },
    why: `The configuration has \`databases.${database}.vitess\`, so the journal would be looked for in a keyspace.`,
    next: `Remove \`databases.${database}.vitess\`, or correct the URL.`,
  })
}

/**
 * Pins a session and reads what vtgate tells of itself. Throws ToolError `SERVER_UNSUPPORTED` for another server.
 */
export async function openThroughVtgate(
  connection: Connection,
  target: Target,
  session: SessionConfig | undefined,
  server: ServerConfig,
  /** Where it is false, each statement is a transaction of its own. */
  transaction: boolean,
): Promise<ServerFacts> {
  // Without LIMIT, which would send it to a tablet.
  const [version, comment] = (await connection.ask('SELECT VERSION(),@@version_comment')).rows[0] ?? []
  if (!isVtgate(String(version), String(comment))) throw notVitess(target, String(version))
  await pin(connection, session)
  if (transaction) await connection.ask('SET autocommit=0')
  const { rows } = await connection.ask('SELECT CONNECTION_ID(),UNIX_TIMESTAMP(),@@max_allowed_packet,CURRENT_USER()')
  const [connectionId, epochSeconds, maxPacket, account] = rows[0] ?? []
  return {
    version: plainVersion(String(version)),
    // A keyspace has several servers, which change: what is recorded must not depend on one of them.
    uuid: `vitess:${target.schema}`,
    connectionId: Number(connectionId),
    epochSeconds: Number(epochSeconds),
    foldsNames: false,
    isReadOnly: false,
    maxPacket: Number(maxPacket),
    accounts: [String(account)],
    notices: readableSecret(connection, server),
    differences: [],
    morePins: [],
  }
}

/**
 * The server's own words in an error of vtgate, which wraps them in the way they came and adds the statement with its values:
 * `target: app.-80.primary: vttablet: rpc error: code = AlreadyExists desc = Table 't' already exists (errno 1050) (sqlstate 42S01) (CallerID: x): Sql: ...`.
 */
export function plainMessage(message: string): string {
  const own = /\bdesc = ([\s\S]*?)(?: \(errno \d+\)| \(CallerID: |$)/.exec(message)?.[1] ?? message
  return own.replace(/: Sql: [\s\S]*$/, '').replace(/ \(errno \d+\)[\s\S]*$/, '')
}
