import { beforeEach, expect, it } from 'vitest'
import { vtgateRefusals } from '../../../src/cli/vtgate-refusals.ts'
import { withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const nextOf = (command: string): string =>
  vtgateRefusals.find(({ commands }) => commands.includes(command))?.next ?? ''

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('what a refused command names in its place', () => {
  it('is asked of Vitess: what its throttler looks at, whom it holds back, and what waits', {
    timeout: 60_000,
  }, async () => {
    const stage = await openVitessStage(openStage, vitess(), { files: {} })
    const statements = [...nextOf('throttle').matchAll(/`(SHOW [A-Z_ ]+)`/g)].map(([, text = '']) => text)
    expect(statements).toEqual(['SHOW VITESS_THROTTLER STATUS', 'SHOW VITESS_THROTTLED_APPS', 'SHOW VITESS_MIGRATIONS'])
    const shown = await stage.ask('SHOW VITESS_THROTTLER STATUS', 'message_db')
    expect(shown.map(([shard]) => shard)).toEqual(expect.arrayContaining(['-80', '80-']))
    for (const text of statements.slice(1)) await stage.ask(text, 'message_db')
    const run = await stage.run(['throttle'])
    expect([run.exitCode, run.stderr.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(nextOf('throttle'))])
  })

  it('finds keys without a parent in another keyspace', { timeout: 60_000 }, async () => {
    const stage = await openVitessStage(openStage, vitess(), { files: {}, ddlStrategy: 'direct' })
    await stage.ask('CREATE TABLE users (id BIGINT PRIMARY KEY)')
    await stage.ask('INSERT INTO users VALUES (1), (2), (3)')
    await stage.ask('CREATE TABLE letters (id BIGINT PRIMARY KEY, user_id BIGINT NULL)', 'message_db')
    await stage.ask('ALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash', 'message_db')
    const insert = () =>
      stage
        .ask('INSERT INTO letters VALUES (1,1),(2,2),(3,7),(4,3),(5,8),(6,NULL)', 'message_db')
        .then(() => true, String)
    await expect.poll(insert, { timeout: 20_000 }).toBe(true)
    expect(nextOf('check references')).toContain(
      'LEFT JOIN parent ON ... WHERE parent.id IS NULL AND child.parent_id IS NOT NULL',
    )
    const orphans = () =>
      stage
        .ask(
          'SELECT child.user_id FROM message_db.letters AS child LEFT JOIN user_db.users AS parent ON parent.id=child.user_id WHERE parent.id IS NULL AND child.user_id IS NOT NULL',
          'message_db',
        )
        .then((rows) => rows.flat().map(Number).toSorted(), String)
    await expect.poll(orphans, { timeout: 20_000 }).toEqual([7, 8])
  })
})
