import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const tables = `CREATE TABLE p (id INT PRIMARY KEY, code CHAR(2) NOT NULL, n INT, UNIQUE KEY u (code));
CREATE TABLE c (id INT PRIMARY KEY, code CHAR(2), KEY k (code), CONSTRAINT c_p FOREIGN KEY (code) REFERENCES p (code) ON UPDATE SET NULL);
CREATE TABLE d (id INT PRIMARY KEY, p_id INT, UNIQUE KEY k (p_id), CONSTRAINT d_p FOREIGN KEY (p_id) REFERENCES p (id) ON UPDATE CASCADE);
CREATE TABLE e (id INT PRIMARY KEY, d_id INT, CONSTRAINT e_d FOREIGN KEY (d_id) REFERENCES d (p_id) ON UPDATE SET NULL);
CREATE TABLE free (id INT PRIMARY KEY, p_id INT, KEY k (p_id));
CREATE TABLE own (id INT PRIMARY KEY);
CREATE VIEW seen AS SELECT id, code, n FROM p;
INSERT INTO p VALUES (1, 'de', 1), (2, 'fr', 2), (3, 'it', 3), (4, 'pl', 4), (5, 'es', 5), (6, 'pt', 6);
INSERT INTO c VALUES (1, 'de'), (2, 'fr');
INSERT INTO d VALUES (1, 1), (2, 4);
INSERT INTO e VALUES (1, 1);
INSERT INTO free VALUES (1, 6);
INSERT INTO own VALUES (2);`

/** Rows of another table lose their value. */
const stopped = [
  ["UPDATE p SET code = 'xx' WHERE id = 1", 'UPDATE_SETS_NULL', 'c'],
  [
    "UPDATE p AS x JOIN own ON own.id = x.id OR x.id = 1 SET x.code = 'xx' WHERE x.code = 'de'",
    'UPDATE_SETS_NULL',
    'c',
  ],
  ["UPDATE seen SET code = 'xx' WHERE id = 1", 'UPDATE_SETS_NULL', 'c'],
  ["INSERT INTO p VALUES (1, 'xx', 0) ON DUPLICATE KEY UPDATE code = 'xx'", 'UPDATE_SETS_NULL', 'c'],
  ["INSERT INTO p (id, code) SELECT 1, 'de' ON DUPLICATE KEY UPDATE p.code = 'xx'", 'UPDATE_SETS_NULL', 'c'],
  ['UPDATE p SET id = 9 WHERE id = 1', 'UPDATE_SETS_NULL', 'e'],
  ["PREPARE x FROM 'UPDATE p SET id = 9 WHERE id = 1'; EXECUTE x", 'UPDATE_SETS_NULL', 'e'],
  ["CREATE PROCEDURE mine() UPDATE p SET code = 'xx' WHERE id = 1; CALL mine()", 'BODY_DELETES', 'c'],
  [
    "CREATE TRIGGER g AFTER INSERT ON own FOR EACH ROW UPDATE p SET code = 'xx' WHERE id = NEW.id; INSERT INTO own VALUES (1)",
    'BODY_DELETES',
    'c',
  ],
  ["CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO UPDATE p SET code = 'xx' WHERE id = 1", 'BODY_DELETES', 'c'],
  [
    'ALTER TABLE free ADD CONSTRAINT f_p FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE; DELETE FROM p WHERE id = 6',
    'DELETE_CASCADES',
    'free',
  ],
  [
    'ALTER TABLE free ADD FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE SET NULL ON UPDATE SET NULL; UPDATE p SET id = 9 WHERE id = 6',
    'UPDATE_SETS_NULL',
    'free',
  ],
] as const

/** The rows of the other table follow, or there are none. */
const passing = [
  ['UPDATE p SET id = 9 WHERE id = 4', 'UPDATE_CASCADES'],
  ["UPDATE p SET code = 'xx' WHERE id = 3", null],
  ['UPDATE p SET n = 9 WHERE id = 1', null],
  ["UPDATE c SET code = 'it' WHERE id = 1; UPDATE c SET code = 'de' WHERE id = 1", null],
  ["DELETE FROM c WHERE code = 'de'; UPDATE p SET code = 'xx' WHERE id = 1", null],
  ["ALTER TABLE c DROP FOREIGN KEY c_p; UPDATE p SET code = 'xx' WHERE id = 1", null],
  ["INSERT INTO p VALUES (1, 'de', 0) ON DUPLICATE KEY UPDATE n = 9", null],
  ["INSERT INTO p VALUES (9, 'xx', 0)", null],
  ['ALTER TABLE free ADD FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE RESTRICT; DELETE FROM p WHERE id = 5', null],
] as const

const code = [
  ["await knex('p').where('id', 1).update({ code: 'xx' })", 'UPDATE_SETS_NULL'],
  ["await knex('p').insert({ id: 1, code: 'xx' }).onConflict('id').merge()", 'UPDATE_SETS_NULL'],
] as const

interface Planned {
  readonly targets: readonly {
    readonly steps: readonly { readonly hazards: readonly { readonly code: string; readonly why: string }[] }[]
  }[]
}

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, where a parent has another key', (version) => {
  async function open(file: string, text: string): Promise<Stage> {
    const { url } = await testServerOf(version)
    const opened = await stage({ url, files: { 'app/0001_t.sql': migration(tables) } })
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    opened.write(`app/${file}`, text)
    return opened
  }

  const contentOf = async ({ query }: Stage) =>
    Promise.all(['c', 'd', 'e', 'free'].map((name) => query(`SELECT * FROM ${name} ORDER BY id`)))

  /** The hazards of the last file. */
  async function plan({ json }: Stage): Promise<string> {
    const { answer } = await json(['plan'])
    return (answer['plan'] as Planned).targets
      .flatMap(({ steps }) => steps.flatMap(({ hazards }) => hazards.map((one) => `${one.code}: ${one.why}`)))
      .join('\n')
  }

  test.each(stopped)('%s is stopped by %s, with the table %s', async (sql, hazard, table) => {
    const opened = await open('0002_change.sql', migration(`${sql};`))
    const before = await contentOf(opened)
    const planned = await plan(opened)
    expect(planned).toContain(`${hazard}: `)
    expect(planned).toMatch(new RegExp(`rows of .*\`${table}\``))
    const { exitCode, answer } = await opened.json(['migrate'])
    expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining(hazard)])
    expect(await contentOf(opened)).toEqual(before)
    // What the hazard is about: with leave, the server does it without a word. An event runs later.
    expect((await opened.run(['migrate', '--allow', hazard])).exitCode).toBe(0)
    if (!sql.startsWith('CREATE EVENT')) expect(await contentOf(opened)).not.toEqual(before)
  })

  test.each(passing)('%s runs', async (sql, note) => {
    const opened = await open('0002_change.sql', migration(`${sql};`))
    const planned = await plan(opened)
    expect(planned.match(/^UPDATE_\w+|^DELETE_CASCADES/gm)).toEqual(note === null ? null : [note])
    const { exitCode, run } = await opened.json(['migrate', '--allow', 'DELETE_ALL_ROWS,UPDATE_ALL_ROWS'])
    expect(exitCode, run.stderr).toBe(0)
  })

  test.each(code)('the code %s is stopped by %s', async (text, hazard) => {
    const opened = await open('0002_code.js', `export async function up(knex) {\n  ${text}\n}\n`)
    const before = await contentOf(opened)
    const { exitCode, answer } = await opened.json(['migrate'])
    expect([exitCode, JSON.stringify(answer)]).toEqual([2, expect.stringContaining(hazard)])
    expect(await contentOf(opened)).toEqual(before)
  })
})
