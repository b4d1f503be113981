import { exitCodes } from '../../domain/exit-code.ts'
import type { Target } from '../../domain/target.ts'
import { ToolError } from '../../domain/tool-error.ts'
import type { ServerFacts } from '../../engine/ports.ts'
import type { Cell, Connection } from './connection.ts'
import { pinSession } from './pinned-session.ts'
import { isServerError } from './server-errors.ts'

const selectFacts = `SELECT VERSION(),@@server_uuid,CONNECTION_ID(),UNIX_TIMESTAMP(),@@GLOBAL.read_only,@@GLOBAL.super_read_only`
/** Answers nothing where group replication is not loaded. */
const selectGroup = `SHOW VARIABLES LIKE 'group_replication_consistency'`

/** `8.0.12-debug` is 8.0.12. */
function plainVersion(text: string): string {
  return /\d+\.\d+\.\d+/.exec(text)?.[0] ?? text
}

/** Compares `a.b.c` versions by number. */
function isAtLeast(version: string, floor: string): boolean {
  const [have, want] = [version, floor].map((text) => text.split('.').map(Number))
  for (let index = 0; index < 3; index += 1) {
    const difference = (have?.[index] ?? 0) - (want?.[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

function refuseOld(version: string, full: string, target: Target): void {
  if (!/mariadb/i.test(full) && isAtLeast(version, '8.0.11')) return
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `The server at ${target.server} is ${full}`,
    where: { server: target.server, database: target.database },
    why: 'wwdb needs MySQL 8.0.11 or later: earlier servers, and MariaDB, have no atomic DDL, so a half-run statement could not be told from a whole one',
    next: 'Upgrade the server, or point the URL at another one.',
  })
}

async function readPrimary(connection: Connection): Promise<string | null> {
  try {
    const { rows } = await connection.ask(
      `SELECT MEMBER_HOST,MEMBER_PORT FROM performance_schema.replication_group_members WHERE MEMBER_ROLE='PRIMARY' AND MEMBER_STATE='ONLINE'`,
    )
    if (rows[0] !== undefined) return `${rows[0][0]}:${rows[0][1]}`
    const source = await connection.ask('SELECT HOST,PORT FROM performance_schema.replication_connection_configuration')
    return source.rows[0] === undefined ? null : `${source.rows[0][0]}:${source.rows[0][1]}`
  } catch (error) {
    if (isServerError(error) && !error.fatal) return null
    throw error
  }
}

async function refuseReadOnly(
  connection: Connection,
  target: Target,
  readOnly: Cell | undefined,
  superReadOnly: Cell | undefined,
): Promise<void> {
  if (Number(readOnly) === 0 && Number(superReadOnly) === 0) return
  const primary = await readPrimary(connection)
  const fault = {
    what: `The server at ${target.server} is read-only${primary === null ? '' : `: the primary is ${primary}`}`,
    where: { server: target.server, database: target.database },
    why: Number(superReadOnly) === 1 ? 'super_read_only is ON: it is a secondary, or was set aside' : 'read_only is ON',
    next:
      primary === null
        ? 'Point the URL at the server that takes writes.'
        : `Point the URL at ${primary}, or at MySQL Router's read-write port.`,
  }
  throw new ToolError('READ_ONLY', fault, { exitCode: exitCodes.unreachable })
}

/**
 * Pins the session and reads what the server says of itself, in one packet.
 * In a replication group, reads wait until a new primary has applied what the old one committed
 * (BEFORE_ON_PRIMARY_FAILOVER): otherwise the journal could look older than it is.
 */
export async function openSession(
  connection: Connection,
  target: Target,
  lockWait: number,
  writable: boolean,
): Promise<ServerFacts> {
  const answers = await connection.askAll(`${pinSession(lockWait)};${selectFacts};${selectGroup}`)
  const row = answers[1]?.rows[0] ?? []
  const full = String(row[0])
  const version = plainVersion(full)
  refuseOld(version, full, target)
  if (answers[2]?.rows[0]?.[1] === 'EVENTUAL') {
    await connection.ask(`SET SESSION group_replication_consistency='BEFORE_ON_PRIMARY_FAILOVER'`)
  }
  if (writable) await refuseReadOnly(connection, target, row[4], row[5])
  return { version, uuid: String(row[1]), connectionId: Number(row[2]), epochSeconds: Number(row[3]) }
}
