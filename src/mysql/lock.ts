import { createHash, randomBytes } from 'node:crypto'
import type { Holder } from '../core/event.ts'
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
  readonly describeHolder: () => Promise<Holder | null>
  readonly waiting: (holder: Holder | null, waited: number) => void
}

function describe(holder: Holder | null): string {
  if (holder === null) return 'the holder went away just now'
  const who = holder.user === null ? '' : ` of ${holder.user}${holder.host === null ? '' : ` from ${holder.host}`}`
  const doing = holder.statement === null ? '' : `, running \`${holder.statement.replace(/\s+/g, ' ').slice(0, 80)}\``
  const age = holder.seconds === null ? '' : ` for ${holder.seconds} s`
  const orphan = holder.orphaned ? '; the run that started it is dead, the server finishes its statement alone' : ''
  return `connection ${holder.connectionId}${who}${doing}${age}${orphan}`
}

function lockHeld(request: LockRequest, holder: Holder | null): ToolError {
  const fault = {
    what: `Another run holds the lock of '${request.target.schema}'`,
    where: { database: request.target.database, server: request.target.server },
    why: `held by ${describe(holder)}; waited ${(request.milliseconds / 1000).toFixed(1)} s`,
    next: 'Wait and run again, raise --lock-timeout, or end the holder with `wwdb lock release`.',
  }
  return new ToolError('LOCK_HELD', fault)
}

/** GET_LOCK. Throws ToolError `LOCK_UNRELIABLE` where the server cannot say. */
export async function tryLock(connection: Asker, name: string, seconds: number): Promise<boolean> {
  const { rows } = await connection.ask(`SELECT GET_LOCK('${name}',${seconds})`)
  const answer = rows[0]?.[0]
  // NULL is an error inside the server (out of memory, killed): it is not "held by another", and not ours either.
  if (answer === null || answer === undefined) {
    throw new ToolError('LOCK_UNRELIABLE', {
      what: 'GET_LOCK answered NULL: the server could not say whether the lock is taken',
      next: 'Look into the error log of the server, then run again.',
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

/** A proxy that deals out a few server connections at random gives the right one now and then, but not this often. */
const rounds = 6

function unreliable(target: Target, why: string): ToolError {
  return new ToolError('LOCK_UNRELIABLE', {
    what: `The lock of '${target.schema}' does not hold: GET_LOCK is not tied to this connection`,
    where: { database: target.database, server: target.server },
    why: `${why}; a proxy that pools connections (ProxySQL multiplexing, RDS Proxy, Vitess) answers like that`,
    next: 'Connect to the server itself, through MySQL Router, or turn multiplexing off for this user.',
  })
}

async function readHolding(connection: Asker, name: string): Promise<readonly [holder: Cell, self: number]> {
  const { rows } = await connection.ask(`SELECT IS_USED_LOCK('${name}'),CONNECTION_ID()`)
  return [rows[0]?.[0] ?? null, Number(rows[0]?.[1])]
}

/**
 * Proves that a lock is real: asked again and again on this connection, and at the same time on another one, every answer
 * must name the connection that took it. Behind a pooling proxy some do not (sysown/proxysql#394).
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
    const [[holder, self], [seen, otherSelf]] = await Promise.all([
      readHolding(connection, name),
      readHolding(other, name),
    ])
    if (self !== connectionId) throw unreliable(target, `this connection was ${connectionId} and is now ${self}`)
    if (otherSelf === connectionId) throw unreliable(target, 'two connections to it are one on the server')
    for (const named of [holder, seen])
      if (Number(named) !== connectionId)
        throw unreliable(target, `connection ${connectionId} took it, the server says ${named ?? 'nobody'} holds it`)
  }
}

/** Enough to come by the right one of a pool's connections. */
const releases = 64

/**
 * Gives a lock back that landed on some connection of a pool, which would keep it after we are gone. Asked on two
 * connections at once, because a quiet pool gives one alone the same connection every time. Never throws.
 */
export async function releaseAnywhere(connection: Asker, other: Asker, name: string): Promise<void> {
  const release = (one: Asker): Promise<Cell | undefined> =>
    one.ask(`SELECT RELEASE_LOCK('${name}')`).then(
      ({ rows }) => rows[0]?.[0],
      () => undefined,
    )
  for (let attempt = 0; attempt < releases; attempt += 1) {
    const answers = await Promise.all([release(connection), release(other)])
    // 1: it was ours. NULL: nobody holds it any more. 0: another connection holds it.
    if (answers.some((answer) => Number(answer) === 1 || answer === null)) return
    if (answers.every((answer) => answer === undefined)) return
  }
}

/**
 * Proves that a connection is a session of its own, before something is run that must not land in another one: USE and SET
 * would not hold behind a pooling proxy. Throws ToolError `LOCK_UNRELIABLE`.
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
