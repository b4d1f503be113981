import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

describe.each(versionsInTurn(import.meta.url))(
  'rows that a plan wrote are looked at when a statement takes them, MySQL %s',
  (version) => {
    async function open(sql: string) {
      const stage = await openStage({
        url: (await testServerOf(version)).url,
        files: { 'app/0001_move.sql': migration(sql) },
      })
      await stage.query('CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)')
      await stage.query('INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)')
      return stage
    }

    test('the statement that would take all is not sent, and the run goes on once it is allowed', async () => {
      const stage = await open(
        'CREATE TABLE old (id INT PRIMARY KEY);\nINSERT INTO old SELECT id FROM t;\nDELETE FROM t WHERE id IN (SELECT id FROM old);',
      )
      expect((await stage.json(['plan'])).exitCode).toBe(0)
      const stopped = await stage.json(['migrate', '--yes'])
      expect([stopped.exitCode, JSON.stringify(stopped.answer)]).toEqual([
        2,
        expect.stringContaining('DELETE_ALL_ROWS'),
      ])
      expect(stopped.run.stderr + stopped.run.stdout).toContain('Its WHERE is true for every existing row')
      expect(await stage.query('SELECT COUNT(*) FROM t')).toEqual([[3]])
      const again = await stage.json(['migrate', '--yes', '--allow', 'DELETE_ALL_ROWS'])
      expect(again.exitCode, again.run.stderr + again.run.stdout).toBe(0)
      expect(await stage.query('SELECT (SELECT COUNT(*) FROM t), (SELECT COUNT(*) FROM old)')).toEqual([[0, 3]])
    })

    test('one that leaves a row runs, also with a temporary table and a function of the server', async () => {
      const stage = await open(
        'CREATE TEMPORARY TABLE old AS SELECT id FROM t WHERE id > 1;\nUPDATE t SET n = n + 10 WHERE id = 1;\nDELETE FROM t WHERE id IN (SELECT id FROM old) AND n < 10;\nUPDATE t SET n = LAST_INSERT_ID() WHERE n > 100;',
      )
      const { exitCode, run } = await stage.json(['migrate', '--yes'])
      expect(exitCode, run.stderr + run.stdout).toBe(0)
      expect(await stage.query('SELECT id, n FROM t')).toEqual([[1, 11]])
    })

    test('a DELETE of part of the rows after another is judged with it', async () => {
      const all = await open(
        'DELETE FROM t WHERE id < 2;\nDELETE FROM t WHERE id > 2;\nDELETE FROM t WHERE id BETWEEN 2 AND 3;',
      )
      const { exitCode, answer } = await all.json(['migrate', '--yes'])
      expect([exitCode, JSON.stringify(answer)]).toEqual([
        2,
        expect.stringContaining('Together with earlier statements of the plan'),
      ])
      expect(await all.query('SELECT COUNT(*) FROM t')).toEqual([[3]])
    })
  },
)
