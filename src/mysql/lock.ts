import { createHash, randomBytes } from 'node:crypto'
import type { Holder } from '../core/holder.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Asker, Cell, Connection } from './connection.ts'

/**
 * The lock of a schema. GET_LOCK names are server-wide and at most 64 characters (error 3057), so the schema is part of
 * the name, and hashed.
 */
export function nameLock(schema: string): string {
  return `wwdb:${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`
}

export interface LockRequest {
  readonly name: string
  readonly target: Target
  readonly milliseconds: number
  /** The whole time that the run waits, where `milliseconds` is what is left of it. */
  readonly whole?: number
  readonly describeHolder: () => Promise<Holder | null>
  readonly waiting: (holder: Holder | null, waited: number) => void
}

function describe(holder: Holder | null): string {
  if (holder === null) return 'a session that has just ended'
  const who = holder.user === null ? '' : ` of ${holder.user}${holder.host === null ? '' : ` from ${holder.host}`}`
  const doing = holder.statement === null ? '' : `, running \`${holder.statement.replace(/\s+/g, ' ').slice(0, 80)}\``
  const age = holder.seconds === null ? '' : ` for ${holder.seconds} s`
  const orphan = holder.orphaned ? '; its run was killed, and the server is finishing its statement' : ''
  return `connection ${holder.connectionId}${who}${doing}${age}${orphan}`
}

function lockHeld(request: LockRequest, holder: Holder | null): ToolError {
  const fault = {
    what: `Another run holds the lock of \`${request.target.schema}\`.`,
    where: { database: request.target.database, server: request.target.server },
    why: `It is held by ${describe(holder)}. The wait ended after ${((request.whole ?? request.milliseconds) / 1000).toFixed(1)} s.`,
    next: 'Wait and run the command again, increase `--lock-timeout`, or kill the session that holds it with `wwdb lock release`.',
  }
  return new ToolError('LOCK_HELD', fault)
}

/** GET_LOCK. Throws ToolError `LOCK_UNRELIABLE` where the server answers NULL. */
export async function tryLock(connection: Asker, name: string, seconds: number): Promise<boolean> {
  const { rows } = await connection.ask(`SELECT GET_LOCK('${name}',${seconds})`)
  const answer = rows[0]?.[0]
  // NULL is an error inside the server (out of memory, killed): neither another session nor this one holds the lock.
  if (answer === null || answer === undefined) {
    throw new ToolError('LOCK_UNRELIABLE', {
      what: '`GET_LOCK` returned NULL: the server could not determine whether the lock is held.',
      next: 'Check the error log of the server, then run the command again.',
    })
  }
  return Number(answer) === 1
}

/** Waits in slices of at most a second, so that the holder can be shown; the server wakes a waiter at once. */
export async function acquireLock(connection: Connection, request: LockRequest): Promise<void> {
  const started = Date.now()
  for (let first = true; ; first = false) {
    const left = request.milliseconds - (Date.now() - started)
    if (!first && left <= 0) throw lockHeld(request, await request.describeHolder())
    const slice = first ? 0 : Math.min(1, left / 1000)
    if (await tryLock(connection, request.name, slice)) return
    request.waiting(await request.describeHolder(), Date.now() - started)
  }
}

/** A pooling proxy may use the right server connection by chance, but not this many times in a row. */
const rounds = 6

function unreliable(target: Target, why: string): ToolError {
  return new ToolError('LOCK_UNRELIABLE', {
    what: `The lock of \`${target.schema}\` is not reliable: \`GET_LOCK\` is not held by this connection.`,
    where: { database: target.database, server: target.server },
    why: `${why}. A proxy that pools connections (ProxySQL multiplexing, RDS Proxy, Vitess) behaves like that.`,
    next: 'Connect directly to the server, through MySQL Router, or disable multiplexing for this user.',
  })
}

/**
 * Two servers behind one address: the primary changed between two connections. The locks of one have no effect on the other.
 */
function switched(target: Target): ToolError {
  return new ToolError('LOCK_UNRELIABLE', {
    what: `The connections to \`${target.schema}\` are on two servers: no lock covers both.`,
    where: { database: target.database, server: target.server },
    why: 'The primary changed between them, or a proxy distributes connections over several servers.',
    next: 'Run the command again. If it happens each time, connect directly to the server that accepts writes.',
  })
}

type Holding = readonly [holder: Cell, self: number, server: string]

async function readHolding(connection: Asker, name: string): Promise<Holding> {
  const { rows } = await connection.ask(`SELECT IS_USED_LOCK('${name}'),CONNECTION_ID(),@@server_uuid`)
  return [rows[0]?.[0] ?? null, Number(rows[0]?.[1]), String(rows[0]?.[2])]
}

/**
 * Proves that a lock is reliable: repeated queries on this connection and, at the same time, on another one must all
 * name the connection that took it. Behind a pooling proxy some do not (sysown/proxysql#394).
 * Throws ToolError `LOCK_UNRELIABLE`.
 */
export async function proveLock(
  connection: Asker,
  other: Asker,
  name: string,
  target: Target,
  connectionId: number,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const [[holder, self, server], [seen, otherSelf, otherServer]] = await Promise.all([
      readHolding(connection, name),
      readHolding(other, name),
    ])
    if (server !== otherServer) throw switched(target)
    if (self !== connectionId)
      throw unreliable(target, `This connection had the id ${connectionId} but now has ${self}`)
    if (otherSelf === connectionId) throw unreliable(target, 'Two connections have the same id on the server')
    for (const named of [holder, seen])
      if (Number(named) !== connectionId)
        throw unreliable(
          target,
          `Connection ${connectionId} acquired it, but the server shows ${named ?? 'none'} as its holder`,
        )
  }
}

/** Enough attempts to reach the right connection of a pool. */
const releases = 64

/**
 * Releases a lock that was taken on an unknown connection of a pool, which would keep it after this process ends. Uses two
 * connections at once, because an idle pool gives a single one the same connection every time. Never throws.
 */
export async function releaseAnywhere(connection: Asker, other: Asker, name: string): Promise<void> {
  const release = (one: Asker): Promise<Cell | undefined> =>
    one.ask(`SELECT RELEASE_LOCK('${name}')`).then(
      ({ rows }) => rows[0]?.[0],
      () => undefined,
    )
  for (let attempt = 0; attempt < releases; attempt += 1) {
    const answers = await Promise.all([release(connection), release(other)])
    // 1: this connection held it. NULL: it is free. 0: another connection holds it.
    if (answers.some((answer) => Number(answer) === 1 || answer === null)) return
    if (answers.every((answer) => answer === undefined)) return
  }
}

/**
 * Proves that a connection has a server session of its own, before statements that depend on it: USE and SET
 * are not reliable behind a pooling proxy. Throws ToolError `LOCK_UNRELIABLE`.
 */
export async function proveSession(connection: Asker, other: Asker, target: Target): Promise<void> {
  const name = nameLock(`session ${randomBytes(12).toString('hex')}`)
  const [, connectionId] = await readHolding(connection, name)
  await tryLock(connection, name, 0)
  try {
    await proveLock(connection, other, name, target, connectionId)
  } finally {
    await releaseAnywhere(connection, other, name)
  }
}
