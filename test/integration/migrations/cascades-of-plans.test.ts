import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const tables = `CREATE TABLE p (id INT PRIMARY KEY, old INT NOT NULL);
CREATE TABLE c (id INT PRIMARY KEY, p_id INT, n INT, KEY k (p_id), CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE);
CREATE TABLE x (id INT PRIMARY KEY);
INSERT INTO p VALUES (1, 1), (2, 0), (3, 0);
INSERT INTO c VALUES (10, 1, 0), (11, 1, 1), (20, 2, 0);
INSERT INTO x VALUES (1);`

/** Child first, then parent: no row of the child is left that the foreign key could take. */
const passing = [
  ['the rows by the key', 'DELETE FROM c WHERE p_id = 1;\nDELETE FROM p WHERE id = 1;'],
  [
    'the rows by two statements',
    'DELETE FROM c WHERE id = 10;\nDELETE FROM c WHERE n = 1;\nDELETE FROM p WHERE id = 1;',
  ],
  [
    'the rows by the parent',
    'DELETE FROM c WHERE p_id IN (SELECT id FROM p WHERE old = 1);\nDELETE FROM p WHERE old = 1;',
  ],
  ['the rows by a join', 'DELETE k FROM c AS k JOIN p ON p.id = k.p_id WHERE p.old = 1;\nDELETE FROM p WHERE old = 1;'],
  [
    'the rows by an outer join',
    'DELETE c FROM p LEFT JOIN c ON c.p_id = p.id WHERE p.id <> 2;\nDELETE FROM p WHERE id <> 2;',
  ],
  [
    'the rows by a WITH',
    'WITH o AS (SELECT id FROM p WHERE old = 1) DELETE FROM c WHERE p_id IN (SELECT id FROM o);\nDELETE FROM p WHERE old = 1;',
  ],
  ['all rows', 'DELETE FROM c;\nDELETE FROM p WHERE id = 1;'],
  ['all rows, by TRUNCATE', 'TRUNCATE TABLE c;\nDELETE FROM p WHERE id < 3;'],
  ['the table', 'DROP TABLE c;\nDELETE FROM p WHERE id < 3;'],
  ['the foreign key', 'ALTER TABLE c DROP FOREIGN KEY f;\nDELETE FROM p WHERE id = 1;'],
  [
    'the rows, after they were copied',
    'CREATE TABLE kept AS SELECT * FROM p WHERE old = 1;\nINSERT INTO x SELECT id + 5 FROM p WHERE old = 1;\nDELETE FROM c WHERE p_id = 1;\nDELETE FROM p WHERE old = 1;',
  ],
  [
    'all rows, and the parent was written',
    'UPDATE p SET old = 1 WHERE id = 2;\nTRUNCATE TABLE c;\nDELETE FROM p WHERE id = 2;',
  ],
  [
    'the rows, after another column was set',
    'UPDATE c SET n = 5 WHERE id = 20;\nDELETE FROM c WHERE p_id = 1;\nDELETE FROM p WHERE id = 1;',
  ],
  [
    'the rows, before another column is set',
    'DELETE FROM c WHERE p_id = 1;\nUPDATE c SET n = 5 WHERE id = 20;\nDELETE FROM p WHERE id = 1;',
  ],
] as const

/** Rows of the child are left, or may be. */
const stopped = [
  ['some of its rows', 'DELETE FROM c WHERE id = 10;\nDELETE FROM p WHERE id = 1;'],
  ['rows of another parent', 'DELETE FROM c WHERE p_id = 2;\nDELETE FROM p WHERE id = 1;'],
  ['as many as a LIMIT', 'DELETE FROM c WHERE p_id = 1 ORDER BY id LIMIT 1;\nDELETE FROM p WHERE id = 1;'],
  [
    'an outer join that takes none',
    'DELETE c FROM p LEFT JOIN c ON c.p_id = p.id AND c.id = 20 WHERE p.id = 2;\nDELETE FROM p WHERE id = 1;',
  ],
  [
    'a condition on rows that are gone by then',
    'DELETE FROM x WHERE id = 1;\nDELETE FROM c WHERE p_id IN (SELECT id FROM x);\nDELETE FROM p WHERE id = 1;',
  ],
  ['the parent first', 'DELETE FROM p WHERE id = 1;\nDELETE FROM c WHERE p_id = 1;'],
  ['rows that an UPDATE gave to the parent', 'UPDATE c SET p_id = 3 WHERE id = 20;\nDELETE FROM p WHERE id = 3;'],
  [
    'rows that a query brings back',
    'CREATE TABLE kept AS SELECT * FROM c WHERE id = 10;\nDELETE FROM c WHERE p_id = 1;\nINSERT INTO c SELECT * FROM kept;\nDELETE FROM p WHERE id = 1;',
  ],
  ['a table that was renamed', 'RENAME TABLE c TO d;\nDELETE FROM p WHERE id = 1;'],
  [
    'a table with another in its place',
    'RENAME TABLE c TO d;\nCREATE TABLE c (id INT PRIMARY KEY);\nDELETE FROM p WHERE id = 1;',
  ],
  [
    'rows by a column that was set',
    'UPDATE c SET n = 5 WHERE id = 10;\nDELETE FROM c WHERE n < 5;\nDELETE FROM p WHERE id = 1;',
  ],
] as const

const allowed = 'DELETE_ALL_ROWS,TRUNCATE_TABLE,DROP_TABLE,UPDATE_ALL_ROWS'

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, a DELETE from a parent', (version) => {
  const open = async (text: string) => {
    const { url } = await testServerOf(version)
    const opened = await stage({ url, files: { 'app/0001_t.sql': migration(tables) } })
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    opened.write('app/0002_change.sql', migration(text))
    return opened
  }

  test.each(passing)('is not stopped where the plan deletes %s first', async (_, text) => {
    const { run } = await open(text)
    const done = await run(['migrate', '--allow', allowed])
    expect(done.exitCode, done.stderr).toBe(0)
  })

  test.each(stopped)('is stopped where the plan deletes %s', async (_, text) => {
    const { run, query } = await open(text)
    const refused = await run(['migrate', '--allow', allowed])
    expect(refused.exitCode, refused.stderr).toBe(2)
    expect(refused.stderr).toContain('DELETE_CASCADES')
    expect(await query('SELECT COUNT(*) FROM c')).toEqual([[3]])
    expect((await run(['migrate', '--allow', `${allowed},DELETE_CASCADES`])).exitCode).toBe(0)
  })
})
