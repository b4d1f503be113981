import { randomBytes } from 'node:crypto'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Cell, Connection } from './connection.ts'
import { nameLock, tryLock } from './lock.ts'

type Asker = Pick<Connection, 'ask'>

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
