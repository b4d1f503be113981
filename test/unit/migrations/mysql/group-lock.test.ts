import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HeldElsewhere, type LockPlace, lockEverywhere } from '../../../../src/migrations/mysql/group-lock.ts'
import type { Connection } from '../../../../src/mysql/connection.ts'
import type { MysqlConnection } from '../../../../src/mysql/door.ts'

type Answer = (text: string) => readonly (readonly unknown[])[]

/** A connection that answers by a function, and notes what it was asked. */
function connectionOf(name: string, log: string[], answer: Answer) {
  const raw = new EventEmitter()
  const ask = async (text: string) => {
    log.push(`${name} ${text}`)
    return { rows: answer(text) }
  }
  const close = async () => void log.push(`${name} closed`)
  return { raw, connection: { raw, ask, close } as unknown as Connection }
}

const placeOf = (name: string, log: string[], answer: Answer): LockPlace => ({
  uuid: name,
  server: name,
  connection: connectionOf(name, log, answer).connection,
})

describe('a lock on several primaries', () => {
  test('is waited for in one place, with none of the others held', async () => {
    const log: string[] = []
    const free = (text: string) => [[text.includes('GET_LOCK') ? 1 : null]]
    let isHeld = true
    const places = [placeOf('a', log, free), placeOf('b', log, () => [[isHeld ? 0 : 1]])]
    const acquire = async ({ server }: LockPlace) => {
      isHeld = false
      log.push(`${server} waited for`)
    }
    await lockEverywhere({ name: 'n', places, acquire, end: Date.now() + 1000 })
    expect(log).toEqual([
      "a SELECT GET_LOCK('n',0)",
      "b SELECT GET_LOCK('n',0)",
      "a SELECT RELEASE_LOCK('n')",
      'b waited for',
      "a SELECT GET_LOCK('n',0)",
    ])
  })

  test('is held nowhere when the wait ends', async () => {
    const log: string[] = []
    const places = [placeOf('a', log, () => [[1]]), placeOf('b', log, () => [[0]])]
    const acquire = () => Promise.reject(new Error('held'))
    await expect(lockEverywhere({ name: 'n', places, acquire, end: 0 })).rejects.toThrow('held')
    expect(log.filter((line) => line.startsWith('a'))).toEqual([
      "a SELECT GET_LOCK('n',0)",
      "a SELECT RELEASE_LOCK('n')",
    ])
  })
})

describe('a lock on another primary whose connection is lost', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  type Member = readonly [uuid: string, state: string]

  async function lose(members: readonly Member[], isOwnHeld = true): Promise<readonly string[]> {
    const log: string[] = []
    const other = connectionOf('other', log, () => [])
    const again = connectionOf('again', log, (text) => [[text.includes('server_uuid') ? 'b' : 1]])
    const own = connectionOf('own', log, () => [])
    const looking = connectionOf('look', [], (text) =>
      text.includes('IS_USED_LOCK')
        ? [[isOwnHeld ? 1 : 0]]
        : members.map(([uuid, state]) => [uuid, 'host', 3306, state]),
    )
    const connection = {
      ...own.connection,
      facts: { uuid: 'a', connectionId: 7 },
      toMember: async () => again.connection,
    } as unknown as MysqlConnection
    const held = new HeldElsewhere({ name: 'n', connection, look: (question) => question(looking.connection) }, [
      { uuid: 'b', server: 'host:3306', connection: other.connection },
    ])
    held.begin()
    other.raw.emit('error', new Error('lost'))
    await vi.advanceTimersByTimeAsync(1500)
    await held.close()
    return log
  }

  test('is taken again', async () => {
    expect(
      await lose([
        ['a', 'ONLINE'],
        ['b', 'ONLINE'],
      ]),
    ).toEqual(['again SELECT @@server_uuid', "again SELECT GET_LOCK('n',0)", 'again closed'])
  })

  test.each<readonly [what: string, members: readonly Member[]]>([
    [
      'sees no majority',
      [
        ['a', 'ONLINE'],
        ['b', 'UNREACHABLE'],
      ],
    ],
    [
      'is out of the group',
      [
        ['b', 'ONLINE'],
        ['c', 'ONLINE'],
      ],
    ],
  ])('ends the lock of a run whose own member %s', async (_, members) => {
    expect(await lose(members)).toEqual(["own SELECT RELEASE_LOCK('n')"])
  })

  test.each<readonly [what: string, members: readonly Member[], isOwnHeld: boolean]>([
    [
      'left the group',
      [
        ['a', 'ONLINE'],
        ['c', 'ONLINE'],
      ],
      true,
    ],
    [
      'is not reached by the others now',
      [
        ['a', 'ONLINE'],
        ['b', 'UNREACHABLE'],
        ['c', 'ONLINE'],
      ],
      true,
    ],
    [
      'is asked for a run without its own lock',
      [
        ['a', 'ONLINE'],
        ['b', 'ONLINE'],
      ],
      false,
    ],
  ])('is left where its member %s', async (_, members, isOwnHeld) => {
    expect(await lose(members, isOwnHeld)).toEqual([])
  })
})
