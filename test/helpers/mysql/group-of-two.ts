import type { OwnServer } from '../servers/own-server.ts'
import { startServer } from '../servers/servers.ts'
import { joinGroup, memberFlags } from './group-member.ts'
import { query } from './replica.ts'

/** Two servers in a group with a single primary; with several primaries, both take writes. */
export interface GroupOfTwo {
  readonly primary: OwnServer
  readonly secondary: OwnServer
  /** Returns when the secondary has applied what the primary has. */
  readonly catchUp: () => Promise<void>
  readonly stop: () => Promise<void>
}

const severalPrimaries = [
  '--group-replication-single-primary-mode=OFF',
  '--group-replication-enforce-update-everywhere-checks=ON',
]

interface GroupKind {
  readonly primaries: 'single' | 'several'
  /** More flags of the second member. */
  readonly flags?: readonly string[]
}

export async function startGroupOfTwo(
  { primaries, flags = [] }: GroupKind = { primaries: 'single' },
): Promise<GroupOfTwo> {
  const name = 'aaaaaaaa-bbbb-4ccc-8ddd-dddddddddddd'
  const mode = primaries === 'several' ? severalPrimaries : []
  const [primary, secondary] = await Promise.all([
    startServer({ flags: [...memberFlags(1, name), ...mode] }),
    startServer({
      flags: [...memberFlags(2, name), '--group-replication-recovery-get-public-key=ON', ...mode, ...flags],
    }),
  ])
  await query(primary.url, "CREATE USER repl@'%' IDENTIFIED BY 'repl'", "GRANT REPLICATION SLAVE ON *.* TO repl@'%'")
  const port = await joinGroup(primary)
  await query(
    secondary.url,
    "CHANGE REPLICATION SOURCE TO SOURCE_USER='repl', SOURCE_PASSWORD='repl' FOR CHANNEL 'group_replication_recovery'",
    'RESET BINARY LOGS AND GTIDS',
  )
  await joinGroup(secondary, [port])
  const catchUp = async (): Promise<void> => {
    const rows = (await query(primary.url, 'SELECT @@GLOBAL.gtid_executed done')) as readonly {
      readonly done: string
    }[]
    await query(secondary.url, `SELECT WAIT_FOR_EXECUTED_GTID_SET('${rows[0]?.done}', 60)`)
  }
  await catchUp()
  return {
    ...{ primary, secondary, catchUp },
    stop: async () => {
      await secondary.stop()
      await primary.stop()
    },
  }
}
