import { describe, expect, test } from 'vitest'
import type { Answer } from '../../../../src/mysql/connection.ts'
import { PreparedDigests } from '../../../../src/provision/mysql/prepared-digests.ts'

const tables = [{ expression: '1' }, { expression: '2' }]

/** A server that answers a statement which begins so with an error, once, and others with two digests. */
function serverThatRefuses(beginning: string, errno: number) {
  const asked: string[] = []
  let refuses = true
  const ask = async (text: string): Promise<Answer> => {
    asked.push(text.split(' ')[0] ?? '')
    if (refuses && text.startsWith(beginning)) {
      refuses = false
      throw Object.assign(new Error('refused'), { errno, code: 'ER_REFUSED', fatal: false })
    }
    return { rows: [['1:a', '2:b']], affected: null, insertId: null, warningCount: 0 }
  }
  return { ask, asked }
}

describe('the digests of a reset', () => {
  test('are prepared once', async () => {
    const server = serverThatRefuses('none', 0)
    const prepared = new PreparedDigests()
    for (let round = 0; round < 2; round += 1) expect(await prepared.read(server, tables)).toEqual(['1:a', '2:b'])
    expect(server.asked).toEqual(['SET', 'PREPARE', 'EXECUTE', 'EXECUTE'])
  })

  test.each([
    ['the server has as many prepared statements as it may', 'PREPARE', 1461],
    ['the server would have to prepare again and again', 'EXECUTE', 1615],
    ['a table does not exist', 'PREPARE', 1146],
    ['a column does not exist', 'EXECUTE', 1054],
  ])(
    'are left to be read as texts where %s, and are prepared or executed the next time',
    async (_, beginning, errno) => {
      const server = serverThatRefuses(beginning, errno)
      const prepared = new PreparedDigests()
      expect(await prepared.read(server, tables)).toBeNull()
      expect(await prepared.read(server, tables)).toEqual(['1:a', '2:b'])
    },
  )

  test('do not hide other errors', async () => {
    const prepared = new PreparedDigests()
    await expect(prepared.read(serverThatRefuses('EXECUTE', 1317), tables)).rejects.toMatchObject({ errno: 1317 })
  })
})
