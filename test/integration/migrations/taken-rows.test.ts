import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** `{t}` is a table of three rows. */
const takingAll = [
  'id < 4294967296',
  'id IN (id)',
  '(id,1)=(id,1)',
  'IF(1,1,0)',
  '(SELECT 1)',
  '~0',
  'id IN (SELECT id FROM (SELECT * FROM {t}) z)',
  'id >= (SELECT MIN(id) FROM (SELECT id FROM {t}) q)',
  'LENGTH(id) > 0',
  'u >= 0',
  "tx LIKE '%'",
  'COALESCE(n,0) = COALESCE(n,0)',
  'id > -5',
  'id < 1000000',
  "made > '1970-01-01'",
  'made < NOW()',
  "tx <> 'nosuch'",
  "tx NOT LIKE '%nosuch%'",
  'id NOT IN (77, 78)',
  'NOT (id = 77)',
  'id BETWEEN 1 AND 3',
  'id IS NOT NULL AND u IS NOT NULL',
  'EXISTS (SELECT 1 FROM {t}_b)',
  'EXISTS (SELECT 1 FROM {t}_b b WHERE b.id = {t}.id)',
  'id IN (SELECT id FROM {t}_b)',
  "CONCAT(tx, 'x') LIKE '%x'",
  "tx REGEXP '.'",
  'MOD(id, 1) = 0',
]

const leavingSome = [
  'id = 1',
  'id > 1',
  "tx LIKE 'a%'",
  'n IS NULL',
  'n IS NOT NULL',
  'LENGTH(tx) > 1',
  'u >= 20',
  'id IN (SELECT id FROM {t}_b WHERE id < 3)',
  'NOT EXISTS (SELECT 1 FROM {t}_b b WHERE b.n = {t}.n)',
  'id NOT IN (SELECT keep FROM (SELECT MIN(id) keep FROM {t} GROUP BY same) k)',
  "made < '2020-01-01'",
  'id MOD 2 = 0',
  'IF(id = 1, 1, 0)',
]

const columns =
  'id INT PRIMARY KEY, u INT UNSIGNED NOT NULL, n INT, tx VARCHAR(20) NOT NULL, made DATETIME NOT NULL, same INT NOT NULL'
const rows = "(1, 10, NULL, 'a', '2019-01-01', 1), (2, 20, 2, 'bb', '2021-01-01', 1), (3, 30, 3, 'cc', '2021-01-01', 2)"

describe.each(versionsInTurn(import.meta.url))(
  'the server is asked which rows a condition takes, MySQL %s',
  (version) => {
    let url = ''
    const opened: Stage[] = []
    beforeAll(async () => {
      url = (await testServerOf(version)).url
    })
    afterAll(async () => {
      for (const { query, schema } of opened) await query(`DROP DATABASE ${schema('app')}`)
    })

    /** A stage with tables `t0`, `t1`, ... of three rows for the statements, and what stops each of them, by its table. */
    async function stopsOf(
      statements: readonly string[],
      filled = true,
    ): Promise<{ readonly stops: readonly string[]; readonly stage: Stage }> {
      const texts = statements.map((text, index) => text.replaceAll('{t}', `t${index}`))
      const stage = await openStage({ url, files: { 'app/0001_all.sql': migration(`${texts.join(';\n')};`) } })
      opened.push(stage)
      for (const index of texts.keys())
        for (const name of [`t${index}`, `t${index}_b`]) {
          await stage.query(`CREATE TABLE ${name} (${columns})`)
          if (filled) await stage.query(`INSERT INTO ${name} VALUES ${rows}`)
        }
      const { answer } = await stage.json(['plan'])
      const { targets } = answer['plan'] as {
        targets: { steps: { hazards: { code: string; kind: string; line: number }[] }[] }[]
      }
      const hazards = targets.flatMap(({ steps }) => steps.flatMap((step) => step.hazards))
      const stops = texts.map((_, index) =>
        hazards
          .filter(({ kind, line }) => kind === 'destructive' && line === index + 2)
          .map(({ code }) => code)
          .join(' '),
      )
      return { stops, stage }
    }

    const named = (statements: readonly string[], stops: readonly string[]) =>
      statements.map((text, index) => `${text}: ${stops[index]}`)

    test('a DELETE and an UPDATE of every row that is there is stopped', async () => {
      const deletes = takingAll.map((condition) => `DELETE FROM {t} WHERE ${condition}`)
      expect(named(deletes, (await stopsOf(deletes)).stops)).toEqual(deletes.map((text) => `${text}: DELETE_ALL_ROWS`))
      const updates = takingAll
        .filter((condition) => !condition.includes('{t}.id'))
        .map((condition) => `UPDATE {t} SET same = 0 WHERE ${condition}`)
      expect(named(updates, (await stopsOf(updates)).stops)).toEqual(updates.map((text) => `${text}: UPDATE_ALL_ROWS`))
    })

    test('one that leaves a row is not, nor one of an empty table', async () => {
      const deletes = leavingSome.map((condition) => `DELETE FROM {t} WHERE ${condition}`)
      expect(named(deletes, (await stopsOf(deletes)).stops)).toEqual(deletes.map((text) => `${text}: `))
      const empty = ['LENGTH(id) > 0', 'id < 1000', 'id IN (id)'].map((one) => `DELETE FROM {t} WHERE ${one}`)
      expect(named(empty, (await stopsOf(empty, false)).stops)).toEqual(empty.map((text) => `${text}: `))
    })

    test('joins, several tables, common table expressions and views', async () => {
      const all = [
        ['DELETE a FROM {t} a, {t}_b b WHERE a.id = b.id', 'DELETE_ALL_ROWS'],
        ['DELETE FROM {t} USING {t} JOIN {t}_b ON {t}.id = {t}_b.id WHERE {t}_b.u > 0', 'DELETE_ALL_ROWS'],
        ['UPDATE {t} a JOIN {t}_b b ON a.id = b.id SET a.n = 0 WHERE b.u > 0', 'UPDATE_ALL_ROWS'],
        ['UPDATE {t} a LEFT JOIN {t}_b b ON a.id = b.u SET a.n = 0 WHERE b.id IS NULL', 'UPDATE_ALL_ROWS'],
        ['WITH c AS (SELECT id FROM {t}) DELETE FROM {t} WHERE id IN (SELECT id FROM c)', 'DELETE_ALL_ROWS'],
        ['WITH c AS (SELECT id FROM {t}_b) UPDATE {t} SET n = 0 WHERE id IN (SELECT id FROM c)', 'UPDATE_ALL_ROWS'],
        ['DELETE FROM {t} WHERE id > 0 ORDER BY id LIMIT 2', 'DELETE_ALL_ROWS'],
      ] as const
      const some = [
        'DELETE a FROM {t} a, {t}_b b WHERE a.id = b.id AND b.u > 10',
        'UPDATE {t} a JOIN {t}_b b ON a.id = b.id SET a.n = 0 WHERE b.u > 10',
        'UPDATE {t} a JOIN {t}_b b ON a.id = b.id SET n = 0, b.same = 1 WHERE b.u > 10',
        'WITH c AS (SELECT id FROM {t} WHERE u > 10) DELETE FROM {t} WHERE id IN (SELECT id FROM c)',
      ]
      const texts = [...all.map(([text]) => text), ...some]
      const expected = [...all.map(([text, code]) => `${text}: ${code}`), ...some.map((text) => `${text}: `)]
      expect(named(texts, (await stopsOf(texts)).stops)).toEqual(expected)
    })

    test('rows are looked at without changing any, also by a function of the schema', async () => {
      const stage = await openStage({
        url,
        files: { 'app/0001_all.sql': migration('DELETE FROM t WHERE spend(id) > 0;') },
      })
      opened.push(stage)
      await stage.query(`CREATE TABLE t (${columns})`)
      await stage.query('CREATE TABLE calls (n INT NOT NULL)')
      await stage.query(`INSERT INTO t VALUES ${rows}`)
      await stage.query('SET GLOBAL log_bin_trust_function_creators = 1')
      await stage.query(
        'CREATE FUNCTION spend(i INT) RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO calls VALUES (i); RETURN i; END',
      )
      const { answer } = await stage.json(['plan'])
      expect(JSON.stringify(answer)).toContain('DELETE_ALL_ROWS')
      expect(await stage.query('SELECT COUNT(*) FROM calls')).toEqual([[0]])
    })
  },
)
