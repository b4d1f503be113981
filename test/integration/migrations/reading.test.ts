import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type StageOptions, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** Under gbk the last byte of the character and the backslash are one character, so that the quote behind them closes. */
const attack = String.raw`INSERT INTO victim SELECT LENGTH('中\'); DROP TABLE victim; -- ')`
/** The same with what NO_BACKSLASH_ESCAPES and ANSI_QUOTES make of quotes; all on one line, as a client would be attacked. */
const byMode = [
  [
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
    String.raw`INSERT INTO victim SELECT LENGTH('a\'); DROP TABLE victim; -- ')`,
  ],
  ["SET sql_mode = 'ANSI_QUOTES'", String.raw`INSERT INTO victim SELECT 1 AS "a\"; DROP TABLE victim; -- "`],
  ["SET sql_mode = 'ANSI_QUOTES'", String.raw`INSERT INTO victim (id) VALUES ("a\"); DROP TABLE victim; -- ")`],
] as const

const victim = migration('CREATE TABLE victim (id INT);')

describe.each(versionsInTurn(import.meta.url))('on MySQL %s, what the server would read otherwise', (version) => {
  const open = async (files: Readonly<Record<string, string>>, more: StageOptions = {}) => {
    const opened = await stage({
      url: (await testServerOf(version)).url,
      files: { 'app/0001_t.sql': victim, ...files },
      ...more,
    })
    const survives = async (): Promise<void> => expect(await opened.tables()).toContain('victim')
    return { ...opened, survives }
  }

  test.each([
    ['SET NAMES', 'SET NAMES gbk;'],
    ['the body of a procedure', 'CREATE PROCEDURE p() SET NAMES gbk;\nCALL p();'],
  ])('is refused before anything runs: %s', async (_, text) => {
    const { run, query } = await open({ 'app/0002_attack.sql': migration(`${text}\n${attack};`) })
    const refused = await run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('the server may read a quote or a backslash as part of a character')
    expect(refused.stderr).toContain('Leave it out')
    expect(await query('SHOW TABLES')).toEqual([])
  })

  test.each([
    ['a variable', "SET @set = 'gbk';\n", 'SET character_set_client = @set;\n'],
    ['EXECUTE', "SET @text = 'SET NAMES gbk';\nPREPARE s FROM @text;\n", 'EXECUTE s;\n'],
    [
      'EXECUTE of an expression',
      `PREPARE s FROM 'SET NAMES utf8mb4, character_set_client = CONCAT("g","bk")';\n`,
      'EXECUTE s;\n',
    ],
  ])('is stopped where only the run shows it, and continues without it: %s', async (_, before, text) => {
    const { run, json, survives, write } = await open({
      'app/0002_attack.sql': migration(`${before}${text}${attack};`),
    })
    const stopped = await json(['migrate'])
    expect(stopped).toMatchObject({ exitCode: 2, answer: { outcomes: [{ code: 'STATEMENT_REFUSED' }] } })
    expect(stopped.answer).toMatchObject({ outcomes: [{ fault: { next: expect.stringContaining('Leave it out') } }] })
    await survives()
    write('app/0002_attack.sql', migration(`${before}INSERT INTO victim VALUES (7);`))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('a procedure that is there already changes nothing for those who call it', async () => {
    const { run, query, survives } = await open({ 'app/0002_call.sql': migration(`CALL p();\n${attack};`) })
    await query('CREATE PROCEDURE p() BEGIN SET NAMES gbk; SET sql_mode = "NO_BACKSLASH_ESCAPES"; END')
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    await survives()
  })

  test.each([
    ['SET NAMES', "await knex.raw('SET NAMES gbk')"],
    ['a binding', "await knex.raw('SET character_set_client = ?', ['gbk'])"],
    ['a variable', "await knex.raw(\"SET @set = 'gbk'\"); await knex.raw('SET character_set_client = @set')"],
  ])('in a data migration: %s', async (_, code) => {
    const up = `export async function up(knex) { ${code}; await knex.raw(${JSON.stringify(attack)}) }`
    const { run, survives } = await open({ 'app/0002_attack.js': up })
    const stopped = await run(['migrate'])
    expect(stopped.exitCode).toBe(2)
    expect(stopped.stderr).not.toContain('defect')
    await survives()
  })

  test('a data migration that hides the error sends no other statement than was checked', async () => {
    const hides =
      "knex.raw(\"SET @set = 'gbk'\").then(() => {}); knex.raw('SET character_set_client = @set').catch(() => {})"
    const up = `export async function up(knex) { ${hides}; await knex.raw(${JSON.stringify(attack)}) }`
    const { run, survives } = await open({ 'app/0002_attack.js': up })
    expect((await run(['migrate'])).stderr).not.toContain('defect')
    await survives()
  })

  test.each([
    ['in SQL', 'attack.sql', `SET NAMES gbk;\n${attack};\n`],
    ['in SQL, by a variable', 'attack.sql', `SET @set = 'gbk';\nSET character_set_client = @set;\n${attack};\n`],
    [
      'in code',
      'attack.mjs',
      `export async function seed(knex) { await knex.raw('SET NAMES gbk'); await knex.raw(${JSON.stringify(attack)}) }\n`,
    ],
  ])('in a seed %s', async (_, file, text) => {
    const { run, survives } = await open({ [`seeds/app/${file}`]: text })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    const stopped = await run(['seed'])
    expect(stopped.exitCode).toBe(2)
    expect(stopped.stderr).toContain('gbk')
    await survives()
  })

  test.each(byMode)('under %s no text becomes two statements', async (mode, text) => {
    const { run, survives } = await open({
      'app/0002_attack.sql': migration(`${mode};\n${text};\nINSERT INTO victim VALUES (1);`),
    })
    expect((await run(['migrate'])).exitCode).toBe(2)
    await survives()
  })

  test('character sets that hold ASCII as it is are for files to set', async () => {
    const { run, query } = await open({
      'app/0002_dump.sql': migration(
        '/*!40101 SET @old=@@CHARACTER_SET_CLIENT */;\n/*!50503 SET NAMES utf8mb4 */;\nSET character_set_client = latin1;\nINSERT INTO victim VALUES (1);\n/*!40101 SET CHARACTER_SET_CLIENT=@old */;\nINSERT INTO victim VALUES (2);',
      ),
    })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT COUNT(*) FROM victim')).toEqual([[2]])
  })
})
