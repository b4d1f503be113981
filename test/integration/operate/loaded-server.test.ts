import { type Connection, createConnection } from 'mysql2/promise'
import { afterEach, describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import type { Config } from '../../../src/config/config.ts'
import { noServer } from '../../../src/config/server.ts'
import type { ThrottleConfig } from '../../../src/config/throttle-config.ts'
import type { Governors } from '../../../src/operate/governors.ts'
import { openGovernors } from '../../../src/operate/governors.ts'
import { configOf, databaseOf, neverStopped, unthrottled } from '../../helpers/migrations/engine.ts'
import { testParts } from '../../helpers/mysql/test-door.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'

const open: Connection[] = []
let governors: Governors | null = null

afterEach(async () => {
  await governors?.close()
  for (const connection of open.splice(0)) connection.destroy()
})

function configuration(url: string, throttle: Partial<ThrottleConfig>): Config {
  const { hostname, port, username } = new URL(url)
  const server = { ...noServer, user: username, host: hostname, port: Number(port), label: `${hostname}:${port}` }
  return configOf(['app'], {
    databases: [databaseOf('app', { server, schema: 'mysql' })],
    throttle: { ...unthrottled, ...throttle },
    timeouts: { connect: 5000, lock: 1000, lockWait: 1000, statement: null },
  })
}

/** Connections that are busy until they are destroyed. */
async function load(url: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const connection = await createConnection({ uri: url })
    connection.on('error', () => undefined)
    open.push(connection)
    void connection.query('SELECT SLEEP(60)').catch(() => undefined)
  }
}

describe.each(versionsInTurn(import.meta.url))('a loaded server, MySQL %s', (version) => {
  test('work stops within a second of the bound, and goes on after it', async () => {
    const { url } = await testServerOf(version)
    const events: RunEvent[] = []
    const config = configuration(url, { threadsRunning: 12, every: 300 })
    governors = await openGovernors(
      { port: testParts(), emit: (event) => events.push(event), stop: neverStopped },
      config,
    )
    const governor = governors?.of({ database: 'app', schema: 'mysql', server: 'x' })
    if (governor === undefined || governor === null) throw new Error('the database has a governor')
    const chunks: number[] = []
    let done = false
    const work = (async () => {
      while (!done) {
        await governor.clear()
        chunks.push(performance.now())
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, 800))
    const before = chunks.length
    await load(url, 24)
    const loaded = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const last = chunks.at(-1) ?? 0
    const during = chunks.length
    for (const connection of open) {
      const id = connection.threadId
      const killer = await createConnection({ uri: url })
      await killer.query(`KILL ${id}`)
      await killer.end()
    }
    await expect.poll(() => chunks.length, { timeout: 10_000 }).toBeGreaterThan(during)
    done = true
    await work
    expect(before).toBeGreaterThan(3)
    expect(last - loaded).toBeLessThan(1000)
    expect(events.map(({ type }) => type)).toEqual(['throttle-paused', 'throttle-ended'])
    expect(governor.pauses[0]?.why).toMatch(/^the number of Threads_running of [\d.:]+ was \d+$/)
  })
})
