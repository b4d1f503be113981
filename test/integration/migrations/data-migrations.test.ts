import { describe, expect, test } from 'vitest'
import { migration, type StageOptions, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const table = migration('CREATE TABLE t (id INT PRIMARY KEY, note TEXT);', 'DROP TABLE t;')

/** A table, and a data migration in code. */
function withCode(code: string, name = 'app/0002_fill.js'): StageOptions {
  return { files: { 'app/0001_t.sql': table, [name]: code } }
}

describe('a data migration', () => {
  test('.js: runs in one transaction, exactly once, and down takes it back', async () => {
    const code = `
      export async function up(knex) {
        await knex('t').insert([{ id: 1, note: 'a' }, { id: 2, note: 'b' }])
        await knex('t').where({ id: 2 }).update({ note: 'c' })
      }
      export async function down(knex) { await knex('t').del() }`
    const { json, query } = await stage(withCode(code))
    expect((await json(['migrate'])).answer).toMatchObject({
      exitCode: 0,
      outcomes: [{ done: ['0001_t', '0002_fill'] }],
    })
    expect((await json(['migrate'])).answer).toMatchObject({ outcomes: [{ state: 'nothing-to-do' }] })
    expect(await query('SELECT id, note FROM t ORDER BY id')).toEqual([
      [1, 'a'],
      [2, 'c'],
    ])
    expect((await json(['rollback', '--yes'])).answer).toMatchObject({ outcomes: [{ done: ['0002_fill'] }] })
    expect(await query('SELECT id FROM t')).toEqual([])
  })

  test('.ts: types are stripped, other files are imported', async () => {
    const { json, query, write } = await stage(
      withCode(
        `import { note } from '../../notes.ts'
         interface Row { readonly id: number }
         const row: Row = { id: 1 }
         export const up = async (knex: any): Promise<void> => void (await knex('t').insert({ ...row, note: note() }))`,
        'app/0002_fill.ts',
      ),
    )
    write('notes.ts', "export const note = (): string => 'from a module'\n")
    expect((await json(['migrate'])).exitCode).toBe(0)
    expect(await query('SELECT note FROM t')).toEqual([['from a module']])
  })

  test('a throw rolls everything back, is reported in a sentence, and the next run starts it again', async () => {
    const good = `export async function up(knex) { await knex('t').insert({ id: 1 }) }`
    const bad = good.replace(/ }$/, "; throw new Error('no such thing') }")
    const { run, json, query, write } = await stage(withCode(bad))
    const failed = await run(['migrate'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toContain('no such thing')
    expect(failed.stderr).not.toContain('defect')
    expect(failed.stderr).not.toMatch(/^ +at .*:\d+:\d+\)?$/m)
    expect(await query('SELECT id FROM t')).toEqual([])
    expect((await json(['migrate'])).answer).toMatchObject({
      exitCode: 2,
      outcomes: [{ state: 'failed', notDone: ['0002_fill'] }],
    })
    write('app/0002_fill.js', good)
    expect((await json(['migrate'])).exitCode).toBe(0)
    expect(await query('SELECT id FROM t')).toEqual([[1]])
  })

  test('an error of the server inside is reported with its statement', async () => {
    const code = `export async function up(knex) { await knex('t').insert({ id: 1, nope: 2 }) }`
    const { run } = await stage(withCode(code))
    const failed = await run(['migrate'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toContain("Unknown column 'nope'")
    expect(failed.stderr).toContain('0002_fill')
  })

  test.each([
    ['DDL', "await knex.schema.createTable('x', (t) => t.integer('id'))", 'Write it as an SQL migration of its own'],
    ['raw DDL', "await knex.raw('ALTER TABLE t ADD x INT')", 'Write it as an SQL migration of its own'],
    ['COMMIT', "await knex.raw('COMMIT')", 'COMMIT'],
    ['START TRANSACTION', "await knex.raw('START TRANSACTION')", 'START TRANSACTION'],
    ['SET autocommit', "await knex.raw('SET autocommit = 1')", 'autocommit'],
    ['a second statement behind the first', "await knex.raw('DO 1; COMMIT')", 'several statements'],
    ['a second statement in a comment of the server', "await knex.raw('DO 1 /*! ; COMMIT */')", ''],
    ['CALL', "await knex.raw('CALL p()')", 'CALL'],
  ])('%s inside is refused, with advice, and nothing stays', async (_, line, advice) => {
    const { run, query, tables } = await stage(
      withCode(`export async function up(knex) { await knex('t').insert({ id: 1 }); ${line} }`),
    )
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain(advice)
    expect(refused.stderr).not.toContain('defect')
    expect(await query('SELECT id FROM t')).toEqual([])
    expect(await tables()).toEqual(['t'])
  })

  test('is refused even where the migration swallows the error', async () => {
    const code = `export async function up(knex) {
      await knex('t').insert({ id: 1 })
      await knex.raw('COMMIT').catch(() => {})
      await knex.raw('DROP TABLE t').catch(() => {})
      throw new Error('after all')
    }`
    const { run, query } = await stage(withCode(code))
    expect((await run(['migrate'])).exitCode).toBe(2)
    expect(await query('SELECT id FROM t')).toEqual([])
  })

  test('knex.transaction() inside works, also nested, and rolls back alone', async () => {
    const code = `export async function up(knex) {
      await knex.transaction(async (trx) => {
        await trx('t').insert({ id: 1 })
        await trx.transaction((inner) => inner('t').insert({ id: 2 }))
      })
      await knex.transaction(async (trx) => {
        await trx('t').insert({ id: 3 })
        throw new Error('undo me')
      }).catch(() => {})
      await knex('t').insert({ id: 4 })
    }`
    const { run, query } = await stage(withCode(code))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT id FROM t ORDER BY id')).toEqual([[1], [2], [4]])
  })

  test.each([
    ['that does not parse', 'export async function up(knex) {'],
    ['without up', 'export const down = async () => {}'],
    ['that throws when it is imported', "throw new Error('at import'); export const up = () => {}"],
  ])('a module %s: a sentence, and what ran before it stays', async (_, code) => {
    const { run, tables } = await stage(withCode(code))
    const failed = await run(['migrate'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toContain('0002_fill.js')
    expect(failed.stderr).not.toContain('defect')
    expect(failed.stderr).not.toMatch(/^ +at .*:\d+:\d+\)?$/m)
    expect((await run(['migrate'])).exitCode).toBe(2)
    expect((await tables()).filter((name) => name !== 't')).toEqual([])
  })

  test('without down cannot be rolled back, and the sentence says what to export', async () => {
    const { run } = await stage(withCode('export const up = (knex) => knex("t").insert({ id: 1 })'))
    await run(['migrate'])
    const refused = await run(['rollback', '--yes'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('export async function down(knex)')
  })
})
