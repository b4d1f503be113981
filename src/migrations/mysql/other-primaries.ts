import { serverLabel } from '../../config/server-url.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { type Primary, readPrimaries } from '../../mysql/group-members.ts'

/** A primary of the group besides the one that a run writes to, and a connection to it. */
export interface OtherPrimary {
  readonly uuid: string
  /** `host:port`, as the member reports it. */
  readonly server: string
  readonly connection: Connection
}

const nameOf = ({ host, port }: Primary): string => serverLabel({ host, port, socket: null })

function refuse({ place }: MysqlConnection, primary: Primary, fault: Omit<Fault, 'what' | 'where'>): ToolError {
  const { database, schema } = place.target
  return new ToolError('LOCK_UNRELIABLE', {
    what: `The lock of \`${schema}\` cannot be taken at ${nameOf(primary)}, another primary of the group.`,
    where: { database, server: nameOf(primary) },
    ...fault,
  })
}

/** @throws ToolError `LOCK_UNRELIABLE` where it cannot be asked, or another server answers at its address */
async function connect(from: MysqlConnection, primary: Primary): Promise<OtherPrimary> {
  const { uuid, state } = primary
  if (state !== 'ONLINE')
    throw refuse(from, primary, {
      why: 'Its group cannot reach it now, so a run through it would not be seen.',
      next: 'Wait until it is back, or until the group has expelled it, then run the command again.',
    })
  const next = `Make the address that the member reports (\`report_host\`, \`report_port\`) reachable from here, or let the group have a single primary while wwdb runs: \`SELECT group_replication_switch_to_single_primary_mode('${from.facts.uuid}')\`.`
  const connection = await from.toMember(primary).catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error
    const why = error.faults.map(({ what, why: its = '' }) => `${what} ${its}`.trim()).join(' ')
    throw refuse(from, primary, { why: `A run through it would not be seen. ${why}`, next })
  })
  const { rows } = await connection.ask('SELECT @@server_uuid')
  if (rows[0]?.[0] === uuid) return { uuid, server: nameOf(primary), connection }
  connection.destroy()
  throw refuse(from, primary, { why: `Another server answers there: ${String(rows[0]?.[0])}.`, next })
}

/**
 * Connects to the other primaries of the group, in the order of their UUIDs; none where there is no group, or it has a single primary. The caller closes the
 * connections. A member that joins later need not be asked: who runs through it asks this one.
 * @throws ToolError `LOCK_UNRELIABLE` where one of them cannot be asked
 */
export async function connectPrimaries(from: MysqlConnection): Promise<readonly OtherPrimary[]> {
  if (from.facts.severalPrimaries !== true) return []
  const others = (await readPrimaries(from)).filter(({ uuid }) => uuid !== from.facts.uuid)
  const settled = await Promise.allSettled(others.map((primary) => connect(from, primary)))
  const connected = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed === undefined) return connected
  await closePrimaries(connected)
  throw failed.reason
}

/** What is locked on these connections is free then. */
export async function closePrimaries(primaries: readonly OtherPrimary[]): Promise<void> {
  await Promise.allSettled(primaries.map(({ connection }) => connection.close()))
}

/** Asks every other primary, and closes the connections. Throws as `connectPrimaries` does, and what `ask` throws. */
export async function askPrimaries<T>(
  from: MysqlConnection,
  ask: (primary: OtherPrimary) => Promise<T>,
): Promise<readonly T[]> {
  const primaries = await connectPrimaries(from)
  try {
    return await Promise.all(primaries.map(ask))
  } finally {
    await closePrimaries(primaries)
  }
}

/**
 * Waits until a member has applied what the others had committed: a journal that was read earlier could lack what the last run did through one of them.
 * @throws ToolError `LOCK_UNRELIABLE` where it takes longer
 */
export async function catchUp(
  here: Connection,
  { place }: MysqlConnection,
  others: readonly OtherPrimary[],
  milliseconds: number,
): Promise<void> {
  for (const { connection, server } of others) {
    const { rows } = await connection.ask('SELECT @@GLOBAL.gtid_executed')
    const done = String(rows[0]?.[0] ?? '').replaceAll(/\s/g, '')
    const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
    const answer = await here.ask(`SELECT WAIT_FOR_EXECUTED_GTID_SET('${done}',${seconds})`)
    if (Number(answer.rows[0]?.[0]) === 0) continue
    throw new ToolError('LOCK_UNRELIABLE', {
      what: `The server at ${place.target.server} has not applied what ${server}, another primary of its group, committed.`,
      where: { database: place.target.database, server: place.target.server },
      why: `It waited ${seconds} s. What an earlier run did there would not be seen.`,
      next: 'Wait until it has caught up (`performance_schema.replication_group_member_stats` counts what it still has to apply), or run the command on another member.',
    })
  }
}
