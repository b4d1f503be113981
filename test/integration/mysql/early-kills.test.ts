import { describe, expect, test } from 'vitest'
import { killUntil } from '../../../src/core/kill-until.ts'
import { runDataMigration } from '../../../src/migrations/mysql/data-migration.ts'
import type { ApproveCode } from '../../../src/migrations/ports.ts'
import { type DataFunction, UserCodeEnded } from '../../../src/migrations/user-code.ts'
import { type Connection, connect } from '../../../src/mysql/connection.ts'
import { testServer } from '../../helpers/servers/servers.ts'

const approve: ApproveCode = { query: async () => {}, end: async () => {} }

async function open(): Promise<Connection> {
  const { hostname, port } = new URL(testServer().url)
  const config = { host: hostname, port: Number(port), socket: null, user: 'root', password: null }
  const rest = { encryption: 'as-needed', tls: null, allowPublicKeyRetrieval: false, label: hostname } as const
  return connect({ ...config, ...rest }, null, 10_000)
}

/** Holds back what a connection sends until the first KILL QUERY for it was answered: the server gets the kill before the statement. */
async function holdingBack<T>(work: (held: Connection, kill: () => Promise<void>) => Promise<T>) {
  const [held, other] = [await open(), await open()]
  const { stream } = held.raw as unknown as { readonly stream: { cork: () => void; uncork: () => void } }
  let kills = 0
  const kill = async (): Promise<void> => {
    await other.ask(`KILL QUERY ${held.raw.threadId}`)
    kills += 1
    if (kills === 1) stream.uncork()
  }
  try {
    stream.cork()
    const result = await work(held, kill)
    return { result, kills, after: (await held.ask('SELECT 1')).rows }
  } finally {
    await held.close()
    await other.close()
  }
}

describe('a KILL QUERY that the server gets before the statement, which it forgets', () => {
  test('is sent again until the statement has ended', async () => {
    const { result, kills, after } = await holdingBack(async (held, kill) => {
      const sleeping = held.ask('SELECT SLEEP(50)')
      await killUntil(sleeping, kill)
      return (await sleeping).rows
    })
    // SLEEP() answers with 1 where it was interrupted.
    expect(result).toEqual([[1]])
    expect(kills).toBeGreaterThan(1)
    expect(after).toEqual([[1]])
  })

  test('is sent again for the query of a data migration whose process was ended', async () => {
    const { result, kills, after } = await holdingBack((held, kill) => {
      const run: DataFunction = async ({ query }) => {
        const answer = query({ sql: 'DO SLEEP(50)', bindings: [], options: {} })[Symbol.asyncIterator]()
        answer.next().catch(() => undefined)
        // The guard asks for approval first: by then the query is the connection's.
        await new Promise((sent) => setImmediate(sent))
        throw new UserCodeEnded('its process was ended')
      }
      const signals = { now: new AbortController().signal, soon: new AbortController().signal }
      return runDataMigration(held, run, signals, kill, approve).catch((error: unknown) => error)
    })
    expect(result).toBeInstanceOf(UserCodeEnded)
    expect(kills).toBeGreaterThan(1)
    expect(after).toEqual([[1]])
  })
})
