import { describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../../src/mysql/connection.ts'
import { isConnectionLost } from '../../../src/mysql/errors.ts'
import { ProbeConnection } from '../../../src/operate/mysql/probe-connection.ts'
import { StallProbe } from '../../../src/operate/mysql/stall-probe.ts'
import { testServer } from '../../helpers/servers/servers.ts'

async function open(): Promise<Connection> {
  const { hostname, port } = new URL(testServer().url)
  const config = { host: hostname, port: Number(port), socket: null, user: 'root', password: null }
  const rest = { encryption: 'as-needed', tls: null, allowPublicKeyRetrieval: false, label: hostname } as const
  return connect({ ...config, ...rest }, 'mysql', 10_000)
}

/** From here on nothing that the server sends arrives, as if it had died a moment ago. */
function cutOff({ raw }: Connection): void {
  const { stream } = raw as unknown as { readonly stream: { pause: () => void } }
  stream.pause()
}

describe('a connection that is destroyed while the server does not answer', () => {
  test.each([
    ['a question', (connection: Connection) => connection.ask('SELECT 1')],
    ['a statement', (connection: Connection) => connection.run('SELECT 1')],
    ['a packet', (connection: Connection) => connection.askAll('SELECT 1; SELECT 2')],
  ])('ends %s as one that was lost does', async (_, send) => {
    const connection = await open()
    cutOff(connection)
    const sent = send(connection).then(
      () => null,
      (error: unknown) => error,
    )
    connection.destroy()
    expect(isConnectionLost(await sent)).toBe(true)
  })

  test('ends statements in turn with the answers that came before', async () => {
    const connection = await open()
    cutOff(connection)
    const sent = connection.askInTurn('SELECT 1; SELECT 2')
    connection.destroy()
    const { answers, error } = await sent
    expect([answers, isConnectionLost(error)]).toEqual([[], true])
  })

  test('ends a close that waits for a statement', async () => {
    const connection = await open()
    cutOff(connection)
    const sent = connection.ask('SELECT 1').catch((error: unknown) => error)
    const closed = connection.close()
    connection.destroy()
    await closed
    expect(isConnectionLost(await sent)).toBe(true)
  })

  test('refuses what is sent later, also where it was to switch to several statements in a packet', async () => {
    const connection = await open()
    cutOff(connection)
    const sent = connection.askAll('SELECT 1; SELECT 2').catch((error: unknown) => error)
    connection.destroy()
    expect(isConnectionLost(await sent)).toBe(true)
    await expect(connection.ask('SELECT 3')).rejects.toThrow('closed state')
    await expect(connection.askAll('SELECT 4; SELECT 5')).rejects.toThrow('closed state')
    expect(String((await connection.askInTurn('SELECT 6; SELECT 7')).error)).toContain('closed state')
    await connection.close()
  })

  test('does not keep a probe from its end that asks a server which does not answer', async () => {
    const connection = await open()
    const probe = new ProbeConnection(async () => connection, 300)
    expect(await probe.ask((one) => one.ask('SELECT 1'))).toMatchObject({ type: 'answer' })
    cutOff(connection)
    const asked = probe.ask((one) => one.ask('SELECT 1'))
    await probe.close()
    expect(await asked).toMatchObject({ type: 'unknown' })
  })

  test('does not keep the probe from its end that reads tables beside a definition', async () => {
    let reads = 0
    const probe = new StallProbe(async () => {
      const connection = await open()
      cutOff(connection)
      return {
        ...connection,
        ask: (text) => {
          reads += 1
          return connection.ask(text)
        },
      }
    })
    const watch = probe.watch([{ type: 'table', schema: 'mysql', name: 'user' }])
    await expect.poll(() => reads).toBe(1)
    watch.end()
    await probe.close()
  })
})
