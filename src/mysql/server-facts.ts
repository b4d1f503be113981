import type { ServerConfig, SessionConfig, Timeouts } from '../config/config.ts'
import { formatOffset, orderModes } from '../config/session.ts'
import { isLoopback } from '../config/url-parts.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { Target } from '../core/target.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { isAtLeast } from '../core/version.ts'
import type { Cell, Connection } from './connection.ts'
import type { ServerFacts } from './facts.ts'
import { ownSession, pinSession, wholeAnswers } from './pinned-session.ts'
import { type Primary, readPrimary } from './primary.ts'
import { describeReplica, describeWritableReplica } from './replica-notice.ts'
import {
  describeVariables,
  type GivenVariables,
  pinRestricted,
  refuseUnpinned,
  selectGiven,
} from './restricted-variables.ts'
import { readAllRoles, readRoles } from './roles.ts'

/** It has its own LIMIT, because the server's `sql_select_limit` may be 0. */
export const selectEngine = 'SELECT VERSION(),@@version_comment LIMIT 1'
const selectFacts = `SELECT @@server_uuid,CONNECTION_ID(),UNIX_TIMESTAMP(),@@GLOBAL.read_only,@@GLOBAL.super_read_only,@@GLOBAL.sql_mode,@@GLOBAL.time_zone,TIMESTAMPDIFF(MINUTE,UTC_TIMESTAMP(),CONVERT_TZ(UTC_TIMESTAMP(),'+00:00',@@GLOBAL.time_zone)),@@lower_case_table_names,@@max_allowed_packet,CURRENT_USER(),CURRENT_ROLE()`
/** `8.0.12-debug` is 8.0.12. */
export function plainVersion(text: string): string {
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? text
}

/** Throws ToolError `SERVER_UNSUPPORTED`. */
export function refuseOld(version: string, full: string, target: Target): void {
  if (isAtLeast(version, '8.0.11')) return
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `The server at ${target.server} is MySQL ${full}.`,
    where: { server: target.server, database: target.database },
    why: 'wwdb needs MySQL 8.0.11 or later: earlier versions have no atomic DDL, so wwdb could not determine whether an interrupted statement ran.',
    next: 'Upgrade the server, or point the URL at another one.',
  })
}

/**
 * Percona XtraDB Cluster and MySQL with Galera have the version and the comment of MySQL; a node that stands alone, without a provider, is one.
 * Throws ToolError `SERVER_UNSUPPORTED`. Source: Percona XtraDB Cluster, strict mode, "explicit table locking".
 */
export function refuseGalera(given: GivenVariables, full: string, target: Target): void {
  const provider = given.get('wsrep_provider') ?? 'none'
  if (provider === '' || provider === 'none') return
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `The server at ${target.server} is a node of a Galera cluster (${full}).`,
    where: { server: target.server, database: target.database },
    why: 'GET_LOCK is known to one node alone, so two runs through two nodes would both hold the lock of a schema; and each node executes a DDL statement by itself, so one node would not show whether an interrupted one ran.',
    next: 'Change the schema from one node, without wwdb, or point the URL at a MySQL server outside a Galera cluster.',
  })
}

function describeReadOnly(target: Target, primary: Primary | null, superReadOnly: boolean): Fault {
  const what = `The server at ${target.server} is read-only`
  const where = { server: target.server, database: target.database }
  const why = superReadOnly
    ? '`super_read_only` is ON: it is a replica, a secondary, or out of service.'
    : '`read_only` is ON.'
  if (primary === null)
    return {
      what: `${what}.`,
      where,
      why,
      next: 'Point the URL at the server that accepts writes. During the election of a primary, retry in a few seconds.',
    }
  if (primary.itself)
    return {
      what: `${what}: it was elected primary but is not ready yet.`,
      where,
      why: `${primary.address} must first apply the backlog of the old primary.`,
      next: 'Retry in a few seconds.',
    }
  return {
    what: `${what}: the primary is ${primary.address}.`,
    where,
    why,
    next: `Point the URL at ${primary.address}, or at MySQL Router's read-write port. If that server has just failed, retry in a few seconds.`,
  }
}

async function refuseReadOnly(
  connection: Connection,
  target: Target,
  readOnly: Cell | undefined,
  superReadOnly: Cell | undefined,
): Promise<void> {
  if (Number(readOnly) === 0 && Number(superReadOnly) === 0) return
  const fault = describeReadOnly(target, await readPrimary(connection), Number(superReadOnly) === 1)
  throw new ToolError('READ_ONLY', fault, { exitCode: exitCodes.unreachable })
}

/** The settings that a connection was opened with. */
interface Access {
  readonly server: ServerConfig
  readonly timeouts: Pick<Timeouts, 'lockWait'>
  /** The settings for users' statements; absent for sessions of wwdb itself, which have the defaults. */
  readonly session?: SessionConfig
  /** How the session is pinned: `pinMonitor` for one without a transaction. */
  readonly pin?: typeof pinSession
}

/** A warning for an unencrypted connection over a network. */
export function readableSecret(
  { encrypted }: Pick<Connection, 'encrypted'>,
  { password, socket, host, user, label, encryption }: ServerConfig,
): readonly string[] {
  if (encrypted || socket !== null || isLoopback(host) || password === null || password.reveal() === '') return []
  const why = encryption === 'disabled' ? 'the configuration disables TLS' : 'the server offers no TLS'
  const next =
    encryption === 'disabled'
      ? 'Set `"tls": "required"` in the configuration.'
      : 'Enable TLS on the server, and set `"tls": "required"`.'
  return [`The password of user \`${user}\` and all data are sent to ${label} without TLS: ${why}. ${next}`]
}

/**
 * Pins the session settings and reads the facts of the server, in one packet. The session defaults of clients are read before
 * the pins. In a replication group, reads wait until a new primary has applied what the old one committed
 * (BEFORE_ON_PRIMARY_FAILOVER): otherwise the journal could look older than it is.
 */
export async function openSession(
  connection: Connection,
  target: Target,
  { server, timeouts, session, pin = pinSession }: Access,
  writable: boolean,
): Promise<ServerFacts> {
  const wanted = session ?? ownSession
  // The version comes first: another engine may refuse the rest.
  const packet = `${selectEngine};${wholeAnswers};${selectGiven};${pin(timeouts.lockWait, wanted)};${selectFacts}`
  const { answers, error } = await connection.askInTurn(packet)
  const [engine, , givenRows, , facts] = answers
  const full = String(engine?.rows[0]?.[0] ?? '')
  if (engine !== undefined) refuseOtherEngines(full, String(engine.rows[0]?.[1]), target)
  const version = plainVersion(full)
  if (engine !== undefined) refuseOld(version, full, target)
  if (error !== null) throw error
  const row = facts?.rows[0] ?? []
  const given = new Map(givenRows?.rows.map(([name, value]) => [String(name), String(value)]))
  refuseGalera(given, full, target)
  if (given.get('group_replication_consistency') === 'EVENTUAL') {
    await connection.ask(`SET SESSION group_replication_consistency='BEFORE_ON_PRIMARY_FAILOVER'`)
  }
  const { morePins, refused } = await pinRestricted(connection, wanted, given)
  if (writable) {
    await refuseReadOnly(connection, target, row[3], row[4])
    if (session !== undefined) refuseUnpinned(refused, target)
  }
  const isReadOnly = Number(row[3]) === 1 || Number(row[4]) === 1
  const primary = isReadOnly ? await readPrimary(connection) : null
  // A run that writes asks nothing more here: behind a pooling proxy, its lock must be proven first.
  const replica = isReadOnly
    ? [await describeReplica(connection, target, primary === null || primary.itself ? null : primary.address)]
    : writable
      ? []
      : await describeWritableReplica(connection, target, server)
  return {
    version,
    isReadOnly,
    severalPrimaries: given.get('group_replication_single_primary_mode') === 'OFF',
    uuid: String(row[0]),
    connectionId: Number(row[1]),
    epochSeconds: Number(row[2]),
    foldsNames: Number(row[8]) !== 0,
    tableNames: Number(row[8]),
    maxPacket: Number(row[9]),
    accounts: [String(row[10]), ...(await readAllRoles(connection, readRoles(String(row[11]))))],
    notices: [...readableSecret(connection, server), ...replica],
    morePins,
    differences: compareSessions(wanted, target, {
      sqlMode: String(row[5]),
      timeZone: String(row[6]),
      minutes: Number(row[7]),
      variables: given,
    }),
  }
}

/** The session settings of a client that sets nothing. */
interface GivenSession {
  readonly sqlMode: string
  readonly timeZone: string
  /** The current offset of its time zone from UTC. */
  readonly minutes: number
  readonly variables: GivenVariables
}

function without(modes: string, others: string): readonly string[] {
  const known = orderModes(others).split(',')
  return orderModes(modes)
    .split(',')
    .filter((mode) => mode !== '' && !known.includes(mode))
}

function describeModes({ sqlMode }: SessionConfig, server: string, given: string): string | null {
  const [more, fewer] = [without(given, sqlMode), without(sqlMode, given)]
  const parts = [
    ...(more.length === 0 ? [] : [`${more.join(', ')} as well`]),
    ...(fewer.length === 0 ? [] : [`no ${fewer.join(', ')}`]),
  ]
  if (parts.length === 0) return null
  return `The sql_mode of clients of ${server} has ${parts.join(', and ')}: migrations, events and routines run with a different one. Set \`session.sqlMode\` to "${sqlMode}" to confirm this, or to another mode before the first migration.`
}

/** Notes about session settings of clients that differ from those of migrations, where the configuration sets none. */
function compareSessions(session: SessionConfig, { server }: Target, given: GivenSession): readonly string[] {
  const differences: string[] = []
  const offset = formatOffset(given.minutes)
  if (!session.timeZoneChosen && Number.isFinite(given.minutes) && offset !== session.timeZone) {
    const zone = given.timeZone === offset ? offset : `${given.timeZone} (now ${offset})`
    differences.push(
      `Clients of ${server} have the time zone ${zone}, but migrations have ${session.timeZone}: DATETIME defaults such as CURRENT_TIMESTAMP, and events, differ. Set \`session.timeZone\` to "${session.timeZone}" to confirm that, or to "${offset}" before the first migration.`,
    )
  }
  const modes = session.sqlModeChosen ? null : describeModes(session, server, given.sqlMode)
  const variables = describeVariables(session, server, given.variables)
  return [...differences, ...(modes === null ? [] : [modes]), ...(variables === null ? [] : [variables])]
}

/** A server other than MySQL that uses its protocol. */
interface OtherEngine {
  readonly name: string
  /** Found in `VERSION()` or `@@version_comment`. */
  readonly mark: RegExp
  /** A sentence about the features that wwdb needs and the engine does not have. */
  readonly lacks: string
  readonly next: string
}

const pointElsewhere = 'Point the URL at MySQL 8.0.11 or later.'

/**
 * The missing features, according to the documentation of the engines; Vitess was tested. `MariaDB` comes first: its version may begin with
 * one of MySQL's.
 */
const otherEngines: readonly OtherEngine[] = [
  {
    name: 'MariaDB',
    mark: /mariadb/i,
    lacks:
      'MariaDB has no data dictionary with atomic DDL like that of MySQL 8, so wwdb could not determine whether an interrupted statement ran.',
    next: pointElsewhere,
  },
  {
    name: 'Vitess',
    // To a query with LIMIT a tablet answers, whose VERSION() is that of MySQL; the comment is vtgate's own in any case.
    mark: /vitess|vtgate|\(Git revision .* built on .* using go\d/i,
    lacks:
      'vtgate refuses `IS_USED_LOCK(...) = CONNECTION_ID()` (error 1235), which proves before every write that the lock is still held; its CONNECTION_ID() is not that of the MySQL server behind it, so a killed run could not be found; and DDL may still run after the statement has returned.',
    next: 'Write `vitess` in the configuration of the database, with the keyspace that keeps its journal; or point the URL at a MySQL server without vtgate.',
  },
  {
    name: 'TiDB',
    mark: /tidb/i,
    lacks:
      'TiDB queues DDL, which continues after its connection is lost, when the lock of GET_LOCK is already free; IS_USED_LOCK does not show the holder to other connections; and it has no procedures, triggers or events.',
    next: pointElsewhere,
  },
  {
    name: 'OceanBase',
    mark: /oceanbase/i,
    lacks:
      'OceanBase has no GET_LOCK before 4.3.1, rolls DDL back after a crash differently from MySQL 8, and lacks tables of information_schema that wwdb reads.',
    next: pointElsewhere,
  },
]

/** The engine by the version strings of a server; null for MySQL and servers built from it. */
function identifyEngine(version: string, comment: string): OtherEngine | null {
  return otherEngines.find(({ mark }) => mark.test(version) || mark.test(comment)) ?? null
}

/** Whether these are the answers of a vtgate. */
export const isVtgate = (version: string, comment: string): boolean =>
  identifyEngine(version, comment)?.name === 'Vitess'

/**
 * Stops every command at its start, even read-only ones: their answers would not be reliable there. Throws ToolError
 * `SERVER_UNSUPPORTED`.
 */
export function refuseOtherEngines(version: string, comment: string, target: Target): void {
  const engine = identifyEngine(version, comment)
  if (engine === null) return
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `The server at ${target.server} is ${engine.name} (${version}), not MySQL.`,
    where: { server: target.server, database: target.database },
    why: engine.lacks,
    next: engine.next,
  })
}
