import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GroupOfTwo, startGroupOfTwo } from '../../helpers/mysql/group-of-two.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

describe('a group of which a primary reports an address where nobody answers', () => {
  let group: GroupOfTwo

  beforeAll(async () => {
    group = await startGroupOfTwo({ primaries: 'several', flags: ['--report-port=1'] })
  }, 240_000)
  afterAll(() => group?.stop())

  test('is refused, and what the error says helps', async () => {
    const files = { 'app/0001_made.sql': migration('CREATE TABLE made (id INT PRIMARY KEY);') }
    const stage = await openStage({ url: group.primary.url, files })
    const refused = await stage.run(['migrate', '--no-color'])
    const text = refused.stderr.replaceAll(/\s+/g, ' ')
    expect(text).toContain('LOCK_UNRELIABLE')
    expect(text).toContain('cannot be taken at 127.0.0.1:1, another primary of the group')
    expect(await stage.tables()).toEqual([])
    const { answer } = await stage.json(['doctor'])
    expect(answer).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ code: 'group-primary', severity: 'error' })]),
    })
    const switching = /`(SELECT group_replication_switch_to_single_primary_mode\('[^']+'\))`/.exec(text)?.[1] ?? ''
    const connection = await createConnection({ uri: group.primary.url })
    try {
      await connection.query(switching)
    } finally {
      connection.destroy()
    }
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })
})
