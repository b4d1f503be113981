import { describe, expect, test } from 'vitest'
import { openConnections } from '../../../../src/provision/mysql/connections.ts'

/** Numbers in place of connections; those that are refused are not open. */
function serverThatRefuses(...refused: readonly number[]) {
  let asked = 0
  const open = async (): Promise<number> => {
    asked += 1
    if (refused.includes(asked)) throw new Error(`refused ${asked}`)
    return asked
  }
  return { open, asked: () => asked }
}

describe('connections that share work', () => {
  test('are as many as asked for', async () => {
    expect(await openConnections(3, serverThatRefuses().open)).toEqual([1, 2, 3])
    expect(await openConnections(1, serverThatRefuses().open)).toEqual([1])
  })

  test('are those that the server gave, so that none stays open which nobody closes', async () => {
    expect(await openConnections(4, serverThatRefuses(2, 4).open)).toEqual([1, 3])
  })

  test('are not asked for where the first one is refused: a wrong password counts once', async () => {
    const server = serverThatRefuses(1)
    await expect(openConnections(4, server.open)).rejects.toThrow('refused 1')
    expect(server.asked()).toBe(1)
  })
})
