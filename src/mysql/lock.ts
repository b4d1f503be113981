import { createHash } from 'node:crypto'
import type { Holder } from '../core/event.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Connection } from './connection.ts'

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
export async function tryLock(connection: Pick<Connection, 'ask'>, name: string, seconds: number): Promise<boolean> {
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
