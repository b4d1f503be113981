import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const rows = (count: number): string =>
  `table: a\nkey: id\nrows:\n${Array.from({ length: count }, (_, id) => `  - { id: ${id + 1} }`).join('\n')}\n`

test.each(versionsInTurn(import.meta.url))(
  'seeds of size wait for the governor before anything is written, and small ones do not ask it, MySQL %s',
  async (version) => {
    const { url } = await testServerOf(version)
    const app = await stage({
      url,
      files: {
        'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY);'),
        'seeds/app/a.yaml': rows(1200),
      },
    })
    expect(await app.run(['migrate'])).toMatchObject({ exitCode: 0 })
    const config: object = JSON.parse(readFileSync(join(app.folder, 'wwdb.config.json'), 'utf8'))
    const throttle = { queries: { busy: { sql: 'SELECT 1', most: 0 } }, limit: '1s' }
    app.write('busy.json', JSON.stringify({ ...config, throttle }))
    const seed = ['seed', '--config', 'busy.json']
    const run = await app.run(seed)
    expect(run.exitCode, run.stderr).toBe(75)
    expect(run.stderr).toContain('Heavy work was paused for 1.0 s')
    expect(
      await app.query("SELECT (SELECT COUNT(*) FROM a), (SELECT COUNT(*) FROM wwdb_journal WHERE kind = 'seed')"),
    ).toEqual([[0, 0]])
    app.write('seeds/app/a.yaml', rows(3))
    expect(await app.run(seed)).toMatchObject({ exitCode: 0 })
    app.write('seeds/app/more.mjs', "export async function seed(knex) { await knex('a').insert({ id: 4000 }) }")
    expect(await app.run(seed)).toMatchObject({ exitCode: 75 })
    expect(await app.run(['seed'])).toMatchObject({ exitCode: 0 })
    expect(await app.query('SELECT COUNT(*) FROM a')).toEqual([[4]])
  },
)
