import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DoctorResult } from '../../../src/doctor/commands/doctor-view.ts'
import { examine, findingsOf } from '../../helpers/doctor/doctor-stage.ts'
import { joinGroup, memberFlags } from '../../helpers/mysql/group-member.ts'
import { openImpostor } from '../../helpers/mysql/impostor.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const tls = resolve(import.meta.dirname, '../../fixtures/tls')

/** Has another way with capitals, and a certificate that expired. */
const replicaFlags = [
  '--server-id=2',
  '--gtid-mode=ON',
  '--enforce-gtid-consistency=ON',
  '--lower-case-table-names=1',
  `--ssl-cert=${tls}/expired.pem`,
  `--ssl-key=${tls}/expired.key`,
]

/** What a server on another machine, an older clock, a group and a replica bring: two servers that show all of it. */
describe('wwdb doctor on a group of two, its late replica, and a way over a network', () => {
  let source: OwnServer
  let member: OwnServer
  let replica: OwnServer
  const holding: (() => void)[] = []

  const query = async ({ url }: OwnServer, ...texts: readonly string[]): Promise<readonly RowDataPacket[]> => {
    const connection = await createConnection({ uri: url })
    try {
      let rows: readonly RowDataPacket[] = []
      for (const text of texts) [rows] = await connection.query<RowDataPacket[]>(text)
      return rows
    } finally {
      await connection.end()
    }
  }

  beforeAll(async () => {
    const group = 'aaaaaaaa-bbbb-4ccc-8ddd-ffffffffffff'
    ;[source, member, replica] = await Promise.all([
      startServer({ flags: memberFlags(1, group) }),
      startServer({ flags: [...memberFlags(3, group), '--group-replication-recovery-get-public-key=ON'] }),
      startServer({ flags: replicaFlags, initialFlags: ['--lower-case-table-names=1'] }),
    ])
    await query(
      source,
      "CREATE USER repl@'%' IDENTIFIED BY 'repl'",
      "GRANT REPLICATION SLAVE ON *.* TO repl@'%'",
      "CREATE USER far@'%'",
      "GRANT SELECT ON *.* TO far@'%'",
    )
    const port = await joinGroup(source)
    await query(
      replica,
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=${source.port}, SOURCE_USER='repl', SOURCE_PASSWORD='repl', SOURCE_SSL=1, SOURCE_AUTO_POSITION=1, SOURCE_DELAY=3600`,
      'START REPLICA',
    )
    await query(
      member,
      "CHANGE REPLICATION SOURCE TO SOURCE_USER='repl', SOURCE_PASSWORD='repl' FOR CHANNEL 'group_replication_recovery'",
      'RESET BINARY LOGS AND GTIDS',
    )
    await joinGroup(member, [port])
    return async () => {
      for (const release of holding) release()
      await replica.stop()
      await member.stop()
      await source.stop()
    }
  }, 240_000)

  const look = async (configuration: object, now?: number): Promise<DoctorResult> => {
    const stage = await openStage({ url: source.url, create: false, configuration })
    return (await examine(stage, [], now === undefined ? {} : { now })).answer
  }
  /** Asks until a check finds something: members report to each other once a second. */
  const waitForFinding = async (configuration: object, code: string) => {
    await expect.poll(async () => findingsOf(await look(configuration), code).length, { timeout: 30_000 }).toBe(1)
    return findingsOf(await look(configuration), code)
  }
  /** The second member applies nothing while the first commits more transactions than it may have to catch up with. */
  const fallBehind = async (): Promise<void> => {
    await query(source, 'CREATE TABLE late.rows_of_it (id INT PRIMARY KEY)')
    await expect
      .poll(async () => (await query(member, 'SHOW TABLES FROM late').catch(() => [])).length, { timeout: 30_000 })
      .toBe(1)
    const connection = await createConnection({ uri: member.url })
    await connection.query('FLUSH TABLES WITH READ LOCK')
    holding.push(() => connection.destroy())
    const inserts = Array.from({ length: 1100 }, (_, id) => `INSERT INTO late.rows_of_it VALUES (${id})`)
    const writer = await createConnection({ uri: source.url, multipleStatements: true })
    await writer.query(inserts.join(';'))
    await writer.end()
  }
  const at = ({ port }: { readonly port: number }): string => `127.0.0.1:${port}`

  test('finds a certificate that expired, two ways with capitals, a group that may lose no member, and a replica and a member that are late', async () => {
    const configuration = {
      databases: { one: { url: source.url }, two: { url: replica.url } },
    }
    // Two hours ago on the source, and kept back by the replica.
    await query(
      source,
      'SET SESSION original_commit_timestamp = (UNIX_TIMESTAMP() - 7200) * 1000000',
      'CREATE DATABASE late',
    )
    await waitForFinding(configuration, 'replica-lag')
    const answer = await look(configuration)
    expect(findingsOf(answer, 'replica-lag')).toMatchObject([{ where: { server: at(replica) } }])
    expect(findingsOf(answer, 'server-certificate')).toMatchObject([
      { where: { server: at(replica) }, what: 'The certificate of the server expired on 2021-01-01.' },
    ])
    expect(findingsOf(answer, 'lower-case-names')).toHaveLength(1)
    expect(findingsOf(answer, 'group-size')).toMatchObject([{ where: { server: at(source) } }])
    expect(findingsOf(answer, 'group-member')).toEqual([])
    expect(findingsOf(answer, 'group-lag')).toEqual([])
    await fallBehind()
    const [lag] = await waitForFinding(configuration, 'group-lag')
    expect(lag).toMatchObject({
      where: { server: at(source) },
      what: expect.stringMatching(
        new RegExp(`^The member 127\\.0\\.0\\.1:${member.port} of the group has 1,\\d+ transactions in its queue\\.$`),
      ),
    })
    await query(source, 'STOP GROUP_REPLICATION')
    expect(findingsOf(await look(configuration), 'group-member')).toMatchObject([
      { where: { server: at(source) }, what: expect.stringMatching(/ is OFFLINE\.$/) },
    ])
  })

  test('finds a clock that is wrong', async () => {
    expect(findingsOf(await look({}), 'clock')).toEqual([])
    // Its clock stands still, and that of the server goes on while it looks.
    expect(findingsOf(await look({}, Date.now() + 69_000), 'clock')).toMatchObject([
      { what: expect.stringMatching(/is 6\d s behind that of this machine\.$/) },
    ])
  })

  test('finds a way over a network without TLS, and one with TLS that proves no one', async () => {
    // The name of this machine is no loopback address.
    const url = `mysql://far@${hostname()}:${source.port}`
    expect(findingsOf(await look({ url, tls: 'disabled' }), 'server-no-tls')).toHaveLength(1)
    const encrypted = await look({ url, tls: 'required' })
    expect(findingsOf(encrypted, 'server-no-tls')).toEqual([])
    expect(findingsOf(encrypted, 'server-unproven')).toHaveLength(1)
  })

  test('finds a server that is no MySQL', async () => {
    const [row] = await query(source, 'SELECT @@version_comment AS comment')
    const impostor = await openImpostor(source.url, Buffer.from(String(row?.['comment'])), 'Vitess 23.0.0')
    try {
      const url = `mysql://root@127.0.0.1:${impostor.port}`
      expect(findingsOf(await look({ url }), 'server-unsupported')).toHaveLength(1)
    } finally {
      impostor.close()
    }
  })
})
