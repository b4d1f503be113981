import { setTimeout as pause } from 'node:timers/promises'
import { serverLabel } from '../config/server-url.ts'
import { exitCodes } from '../core/exit-code.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { Asker, Connection } from './connection.ts'
import type { MysqlConnection } from './door.ts'
import { type Primary, readPrimaries } from './group-members.ts'

/** A primary of the group besides the one that a run writes to, and a connection to it. */
export interface OtherPrimary {
  readonly uuid: string
  /** `host:port`, as the member reports it. */
  readonly server: string
  readonly connection: Connection
}

export const addressOf = ({ host, port }: Primary): string => serverLabel({ host, port, socket: null })

/** How often the group is asked again whether it reaches a member. Milliseconds. */
const between = 200

/** How long a member may take to apply what it has received: the locks are held meanwhile. Seconds. */
const longestCatchUp = 60

/**
 * Logs in to a primary as a run does. Throws ToolError with the reason as its fault's `what` where it is not reached, its group does not reach it, or another
 * server answers at its address.
 */
export async function reachPrimary(
  primary: Primary,
  open: (member: Primary) => Promise<Connection>,
): Promise<OtherPrimary> {
  const { uuid, state } = primary
  if (state !== 'ONLINE') throw unreached('Its group cannot reach it now.')
  const connection = await open(primary)
  try {
    const { rows } = await connection.ask('SELECT @@server_uuid')
    const answers = String(rows[0]?.[0])
    if (answers !== uuid) throw unreached(`Another server answers there: ${answers}.`)
    return { uuid, server: addressOf(primary), connection }
  } catch (error) {
    connection.destroy()
    throw error instanceof ToolError ? error : unreached(`It ended the connection: ${String(error)}.`)
  }
}

const unreached = (what: string): ToolError => new ToolError('UNREACHABLE', { what })

function refuse(from: MysqlConnection, primary: Primary, error: ToolError): ToolError {
  const { database, schema } = from.place.target
  const why = error.faults.map((fault) => `${fault.what} ${fault.why ?? ''}`.trim()).join(' ')
  const fault: Fault = {
    what: `The lock of \`${schema}\` cannot be taken at ${addressOf(primary)}, another primary of the group.`,
    where: { database, server: addressOf(primary) },
    why: `A run through it would not be seen. ${why}`,
    next:
      primary.state === 'ONLINE'
        ? `Make the address that the member reports (\`report_host\`, \`report_port\`) reachable from here, or let the group have a single primary while wwdb runs: \`SELECT group_replication_switch_to_single_primary_mode('${from.facts.uuid}')\`.`
        : 'Wait until it is back, or until the group has expelled it, then run the command again.',
  }
  return new ToolError('LOCK_UNRELIABLE', fault, { cause: error })
}

/** Waits for members that the group does not reach: it expels them, or they come back. */
async function readOthers(from: MysqlConnection, milliseconds: number): Promise<readonly Primary[]> {
  for (const end = Date.now() + milliseconds; ; await pause(between)) {
    const others = (await readPrimaries(from)).filter(({ uuid }) => uuid !== from.facts.uuid)
    if (Date.now() >= end || others.every(({ state }) => state === 'ONLINE')) return others
  }
}

/**
 * Connects to the other primaries of the group, in the order of their UUIDs; none where there is no group, or it has a single primary. The caller closes the
 * connections. A member that joins later need not be asked: who runs through it asks this one.
 * @param milliseconds how long to wait for a member that the group does not reach
 * @throws ToolError `LOCK_UNRELIABLE` where one of them cannot be asked
 */
export async function connectPrimaries(from: MysqlConnection, milliseconds = 0): Promise<readonly OtherPrimary[]> {
  if (from.facts.severalPrimaries !== true) return []
  const others = await readOthers(from, milliseconds)
  const settled = await Promise.allSettled(
    others.map((primary) =>
      reachPrimary(primary, from.toMember).catch((error: unknown) => {
        throw error instanceof ToolError ? refuse(from, primary, error) : error
      }),
    ),
  )
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

const selectReceived =
  "SELECT RECEIVED_TRANSACTION_SET FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME='group_replication_applier'"

/**
 * Waits until a member of a group with several primaries has applied what it has received, also from one that has left since, and what the others have executed:
 * what is read earlier could lack what the last run did through another member. Does nothing on any other server.
 * @param here a connection to the member that has no transaction open
 * @throws ToolError `LOCK_UNRELIABLE` (75) where it takes longer than a minute
 */
export async function catchUp(
  { facts, place }: MysqlConnection,
  here: Asker,
  others: readonly OtherPrimary[],
): Promise<void> {
  if (facts.severalPrimaries !== true) return
  const executed = others.map(({ connection }) => connection.ask('SELECT @@GLOBAL.gtid_executed'))
  const answers = await Promise.all([...executed, here.ask(selectReceived)])
  const sets = answers.flatMap(({ rows }) => rows.map(([set]) => String(set ?? '').replaceAll(/\s/g, '')))
  const all = sets.filter((set) => set !== '').join(',')
  const { rows } = await here.ask(`SELECT WAIT_FOR_EXECUTED_GTID_SET('${all}',${longestCatchUp})`)
  if (Number(rows[0]?.[0]) === 0) return
  const fault: Fault = {
    what: `The server at ${place.target.server} has not applied what it received from other primaries of its group.`,
    where: { database: place.target.database, server: place.target.server },
    why: `wwdb waited ${longestCatchUp} s. Changes that an earlier run made through another member would be missed.`,
    next: 'Run the command again when it has caught up (`performance_schema.replication_group_member_stats` counts what it still has to apply), or run it on another member.',
  }
  throw new ToolError('LOCK_UNRELIABLE', fault, { exitCode: exitCodes.busy })
}
