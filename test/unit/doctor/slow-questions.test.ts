import { expect, test } from 'vitest'
import { type Attempt, readSchemas } from '../../../src/doctor/mysql/schemas.ts'
import type { Answer } from '../../../src/mysql/connection.ts'
import { databaseOf } from '../../helpers/migrations/engine.ts'

const answer = (rows: Answer['rows']): Answer => ({ rows, affected: 0, insertId: null, warningCount: 0 })

test('counters that take longer than the doctor waits are left out and named, and the schema is looked at all the same', async () => {
  const left: string[] = []
  const attempt: Attempt = async (what, read) => {
    try {
      return await read()
    } catch (error) {
      left.push(`${what.en}: ${(error as Error).message}`)
      return null
    }
  }
  const ask = (text: string): Promise<Answer> =>
    text.includes('AUTO_INCREMENT')
      ? Promise.reject(new Error('maximum statement execution time exceeded'))
      : Promise.resolve(answer([['utf8mb4']]))
  const schemas = await readSchemas({ ask }, [databaseOf('app')], false, attempt)
  expect(schemas).toMatchObject([{ database: 'app', exists: true, charset: 'utf8mb4', counters: [] }])
  expect(left).toEqual([
    expect.stringMatching(
      /^AUTO_INCREMENT counters of the tables of `\w+`: maximum statement execution time exceeded$/,
    ),
  ])
})
