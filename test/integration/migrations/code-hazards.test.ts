import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** What the code does, and what it is stopped by. */
const stopped = [
  ["await knex('t').del()", 'DELETE_ALL_ROWS'],
  ["await knex('t').update({ n: 0 })", 'UPDATE_ALL_ROWS'],
  ["await knex.raw('DELETE FROM t WHERE id < ?', [100])", 'DELETE_ALL_ROWS'],
  ["await knex.raw('UPDATE t SET n = 0 WHERE id IN (SELECT id FROM (SELECT id FROM t) z)')", 'UPDATE_ALL_ROWS'],
  ["await knex.raw('DELETE FROM p WHERE id = 1')", 'DELETE_CASCADES'],
  // A table that an earlier statement of the code only read is one whose keys and triggers were not looked at.
  [
    "await knex.raw('INSERT INTO own SELECT id + 50, 0 FROM p'); await knex.raw('DELETE FROM p WHERE id = 1')",
    'DELETE_CASCADES',
  ],
  [
    "await knex.raw('INSERT INTO own SELECT id + 50, 0 FROM w'); await knex.raw('DELETE FROM w WHERE id = 1')",
    'DELETE_CASCADES',
  ],
  ["await knex.raw('REPLACE INTO t (id) VALUES (1)')", 'REPLACE_ROWS'],
  ["await knex.raw('UPDATE IGNORE t SET n = DATE(0) WHERE id = 1')", 'UPDATE_IGNORE'],
] as const

const refused = [
  ["await knex('wwdb_journal').update({ state: 'closed' })", 'wwdb_journal'],
  ["await knex.raw('DELETE FROM wwdb_journal')", 'wwdb_journal'],
  ["await knex('t').where({ id: 1 }).update({ n: 5 }); await knex.raw('SET sql_log_bin = 0')", 'sql_log_bin'],
  ["await knex.raw('SET autocommit = 1')", 'autocommit'],
] as const

const harmless = [
  "await knex('t').where({ id: 1 }).update({ n: 7 })",
  "await knex('t').where('id', '>', 1).del()",
  "await knex('t').insert({ id: 9, n: 9 }); await knex('t').where('id', '<', 9).update({ n: 1 })",
  "await knex('own').update({ n: 0 }); await knex('own').del()",
  "await knex.transaction((trx) => trx('t').where('n', '>', 1).del())",
  "await knex('c').del().where({ p_id: 1 })",
]

describe.each(versionsInTurn(import.meta.url))(
  'statements of code pass the rules of hazards on MySQL %s',
  (version) => {
    let url = ''
    const opened: Stage[] = []
    beforeAll(async () => {
      url = (await testServerOf(version)).url
    })
    afterAll(async () => {
      for (const { query, schema } of opened) await query(`DROP DATABASE ${schema('app')}`)
    })

    async function stageWith(code: string, header = ''): Promise<Stage> {
      const stage = await openStage({
        url,
        files: {
          'app/0001_own.sql': migration('CREATE TABLE own (id INT PRIMARY KEY, n INT); INSERT INTO own VALUES (1, 1);'),
          'app/0002_code.js': `${header}export async function up(knex) {\n  ${code}\n}\nexport async function down(knex) {\n  await knex('t').del()\n}\n`,
        },
      })
      opened.push(stage)
      await stage.query('CREATE TABLE t (id INT PRIMARY KEY, n INT)')
      await stage.query('INSERT INTO t VALUES (1, 1), (2, 2)')
      await stage.query('CREATE TABLE p (id INT PRIMARY KEY)')
      await stage.query(
        'CREATE TABLE c (id INT PRIMARY KEY, p_id INT, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)',
      )
      await stage.query('INSERT INTO p VALUES (1), (2)')
      await stage.query('INSERT INTO c VALUES (1, 1)')
      await stage.query('CREATE TABLE w (id INT PRIMARY KEY)')
      await stage.query('INSERT INTO w VALUES (1)')
      await stage.query('CREATE TRIGGER w_gone AFTER DELETE ON w FOR EACH ROW DELETE FROM c WHERE p_id = OLD.id')
      return stage
    }

    const rowsOf = async ({ query }: Stage) => [
      await query('SELECT id, n FROM t ORDER BY id'),
      await query('SELECT id FROM c'),
    ]
    const untouched = [
      [
        [1, 1],
        [2, 2],
      ],
      [[1]],
    ]

    test.each(stopped)('%s is stopped by %s, with its line', async (code, hazard) => {
      const stage = await stageWith(code)
      const { exitCode, answer } = await stage.json(['migrate'])
      expect(exitCode).toBe(2)
      expect(JSON.stringify(answer)).toContain(`${hazard}: `)
      expect(JSON.stringify(answer)).toMatch(/0002_code\.js","line":2|"line":2/)
      expect(await rowsOf(stage)).toEqual(untouched)
      expect((await stage.json(['migrate', '--allow', hazard])).exitCode).toBe(0)
      expect(await rowsOf(stage)).not.toEqual(untouched)
    })

    test('a header of the file accepts it, and the way back is not asked about', async () => {
      const stage = await stageWith("await knex('t').del()", '// wwdb:accept DELETE_ALL_ROWS they are test data\n')
      expect((await stage.json(['migrate'])).exitCode).toBe(0)
      await stage.query('INSERT INTO t VALUES (1, 1)')
      expect((await stage.json(['rollback', '--yes'])).exitCode).toBe(0)
      expect(await stage.query('SELECT id FROM t')).toEqual([])
    })

    test.each(refused)('%s is refused whatever is allowed', async (code, name) => {
      const stage = await stageWith(code)
      const { exitCode, answer } = await stage.json(['migrate', '--allow', 'WRITE_JOURNAL,SKIP_BINLOG,DELETE_ALL_ROWS'])
      expect(exitCode).toBe(2)
      expect(JSON.stringify(answer)).toContain('DATA_MIGRATION_REFUSED')
      expect(JSON.stringify(answer)).toContain(name)
      expect(await rowsOf(stage)).toEqual(untouched)
    })

    test.each(harmless)('%s runs', async (code) => {
      const stage = await stageWith(code)
      const { exitCode, answer } = await stage.json(['migrate'])
      expect([exitCode, JSON.stringify(answer['errors'] ?? [])]).toEqual([0, '[]'])
    })
  },
)
