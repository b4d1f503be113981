import { describe, expect, test } from 'vitest'
import type { ObjectSnapshot } from '../../../src/ddl/snapshot.ts'
import { TablesReadAhead } from '../../../src/migrations/tables-read-ahead.ts'

const table = (name: string): ObjectSnapshot => ({
  type: 'table',
  name,
  columns: [],
  indexes: [],
  foreignKeys: [],
  checks: [],
  options: {},
  partitioning: null,
})

const readAll = async (names: readonly string[]) => new Map(names.map((name) => [name, table(name)]))

describe('tables that are read ahead', () => {
  test('gives what was read, in however many questions', async () => {
    const ahead = new TablesReadAhead(readAll)
    ahead.read(['a', 'b'])
    ahead.read(['c'])
    expect([...(await ahead.take()).keys()]).toEqual(['a', 'b', 'c'])
  })

  test('forgets what was read, and what is under way, and reads what comes later', async () => {
    const answers = new Map<string, () => void>()
    const ahead = new TablesReadAhead(async (names) => {
      await new Promise<void>((resolve) => answers.set(names.join(), resolve))
      return readAll(names)
    })
    ahead.read(['a'])
    await expect.poll(() => answers.has('a')).toBe(true)
    ahead.forget()
    ahead.read(['b'])
    answers.get('a')?.()
    await expect.poll(() => answers.has('b')).toBe(true)
    answers.get('b')?.()
    expect([...(await ahead.take()).keys()]).toEqual(['b'])
  })

  test('leaves to the end what could not be read', async () => {
    const ahead = new TablesReadAhead((names) =>
      names.includes('a') ? Promise.reject(new Error('lost')) : readAll(names),
    )
    ahead.read(['a'])
    ahead.read(['b'])
    expect([...(await ahead.take()).keys()]).toEqual(['b'])
  })
})
