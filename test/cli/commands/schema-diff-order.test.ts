import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runClient, serverArguments } from '../../helpers/mysql/mysql-client.ts'
import { recordQueries } from '../../helpers/mysql/query-recorder.ts'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** Two databases with keys and views from either to the other, each on the side that is given. */
async function make(stage: Stage, schemas: (database: string) => string, type: 'INT' | 'BIGINT'): Promise<void> {
  const [users, orders] = [`\`${schemas('user_db')}\``, `\`${schemas('app')}\``]
  await stage.query(`CREATE TABLE ${users}.users (id ${type} PRIMARY KEY, last_order ${type}, KEY k (last_order))`)
  await stage.query(`CREATE TABLE ${orders}.orders (id ${type} PRIMARY KEY, user_id ${type}, KEY k (user_id))`)
  await stage.query(
    `ALTER TABLE ${orders}.orders ADD CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES ${users}.users (id)`,
  )
  await stage.query(
    `ALTER TABLE ${users}.users ADD CONSTRAINT fk_order FOREIGN KEY (last_order) REFERENCES ${orders}.orders (id)`,
  )
  await stage.query(`CREATE VIEW ${orders}.a_view AS SELECT id FROM ${orders}.orders`)
  await stage.query(`CREATE VIEW ${users}.b_view AS SELECT id FROM ${orders}.a_view`)
}

describe('SQL over several databases', () => {
  let stage: Stage
  const other = (database: string): string => `${stage.prefix}other_${database}`

  beforeAll(async () => {
    stage = await openStage({ databases: ['user_db', 'app'], configuration: { references: 'physical' } })
    stage.write(
      'wwdb.config.json',
      JSON.stringify({
        url: stage.url,
        databases: { user_db: {}, app: {} },
        prefix: stage.prefix,
        references: 'physical',
        environments: { other: { prefix: `${stage.prefix}other_` } },
      }),
    )
    for (const database of ['user_db', 'app']) await stage.query(`CREATE DATABASE \`${other(database)}\``)
  })

  const apply = async (): Promise<string> => {
    const { stdout, exitCode, stderr } = await stage.run(['schema', 'diff', '--to', 'env:other', '--sql'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(await runClient('mysql', serverArguments(stage.url), stdout)).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await stage.json(['schema', 'diff', '--to', 'env:other'])).answer).toMatchObject({ differences: 0 })
    return stdout
  }

  test('makes tables of all databases before the keys and views that lead from one to another, in either direction', async () => {
    await make(stage, other, 'INT')
    const shown = await stage.json(['schema', 'diff', '--to', 'env:other'])
    expect(JSON.stringify(shown.answer)).not.toContain('{{schema:')
    const back = (await stage.run(['schema', 'diff', '--from', 'env:other', '--to', 'live'])).stdout
    expect((await stage.run(['schema', 'diff', '--to', 'env:other'])).stdout).toContain(`\`${stage.prefix}user_db\`.`)
    expect(back).not.toContain('{{schema:')
    const sql = await apply()
    expect(sql.indexOf('CREATE TABLE `orders`')).toBeLessThan(sql.indexOf('ADD CONSTRAINT `fk_order`'))
    expect(sql.indexOf('VIEW `a_view`')).toBeLessThan(sql.indexOf('VIEW `b_view`'))
  })

  test('takes away keys of other databases while the columns that they join change, and brings them back', async () => {
    for (const database of ['app', 'user_db']) {
      await stage.query('SET foreign_key_checks=0')
      await stage.query(`DROP DATABASE \`${other(database)}\``)
      await stage.query(`CREATE DATABASE \`${other(database)}\``)
    }
    await stage.query('SET foreign_key_checks=1')
    await make(stage, other, 'BIGINT')
    const sql = await apply()
    expect(sql.indexOf('DROP FOREIGN KEY `fk_user`')).toBeLessThan(sql.indexOf('MODIFY COLUMN `id` bigint'))
  })

  test('names the schemas of the environment that is changed', async () => {
    const key = 'FOREIGN KEY (`last_order`) REFERENCES'
    await stage.query('ALTER TABLE users DROP FOREIGN KEY fk_order', 'user_db')
    for (const args of [[], ['--sql']]) {
      const { stdout } = await stage.run(['schema', 'diff', '--from', 'env:other', '--to', 'live', ...args])
      expect(stdout).toContain('DROP FOREIGN KEY `fk_order`')
      const { stdout: forward } = await stage.run(['schema', 'diff', '--from', 'live', '--to', 'env:other', ...args])
      expect(forward).toContain(`${key} \`${stage.schema('app')}\`.\`orders\``)
    }
    await stage.query(`ALTER TABLE \`${other('user_db')}\`.users DROP FOREIGN KEY fk_order`)
    await stage.query(
      `ALTER TABLE users ADD CONSTRAINT fk_order FOREIGN KEY (last_order) REFERENCES \`${stage.schema('app')}\`.orders (id)`,
      'user_db',
    )
    for (const args of [[], ['--sql']]) {
      const { stdout } = await stage.run(['schema', 'diff', '--from', 'env:other', '--to', 'live', ...args])
      expect(stdout).toContain(`${key} \`${other('app')}\`.\`orders\``)
    }
    await apply()
  })

  test('takes away keys before the tables of another database that they hold go', async () => {
    await stage.query(`ALTER TABLE \`${other('app')}\`.orders DROP FOREIGN KEY fk_user`)
    await stage.query(`DROP VIEW \`${other('user_db')}\`.b_view`)
    await stage.query(`DROP TABLE \`${other('user_db')}\`.users`)
    await apply()
  })
})

describe('what a snapshot asks', () => {
  let stage: Stage
  let recorder: Awaited<ReturnType<typeof recordQueries>>
  beforeAll(async () => {
    stage = await openStage({ files: { 'app/0001_users.sql': tableMigration('users') } })
    recorder = await recordQueries(stage.url)
  })
  afterAll(() => recorder.close())

  test('is the same number of questions for 10 tables and for 300', async () => {
    const url = stage.url.replace(/:\d+$/, `:${recorder.port}`)
    const count = async (tables: number): Promise<number> => {
      for (let at = (await stage.tables()).length; at < tables; at += 1)
        await stage.query(`CREATE TABLE t${at} (id INT PRIMARY KEY, name VARCHAR(20), KEY (name))`)
      recorder.take()
      const run = await stage.run(['schema', 'dump', '--url', url])
      expect(run).toMatchObject({ exitCode: 0, stderr: '' })
      expect(run.stdout.match(/CREATE TABLE/g)).toHaveLength(tables)
      return recorder.take().length
    }
    const few = await count(10)
    expect(few).toBeGreaterThan(2)
    expect(await count(300)).toBe(few)
  })
})
