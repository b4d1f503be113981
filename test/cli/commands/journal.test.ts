import { describe, expect, test } from 'vitest'
import { migration, tableMigration, withStages } from '../../helpers/stage.ts'

const stage = withStages()

const two = { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') }

describe('wwdb repair', () => {
  test('without a flag shows what could be repaired, exits 1 and repairs nothing', async () => {
    const { run, json, write, remove } = await stage({ files: two })
    await run(['migrate'])
    expect(await run(['repair'])).toMatchObject({ exitCode: 0 })
    write('app/0001_a.sql', `${tableMigration('a')}-- edited\n`)
    remove('app/0002_b.sql')
    const shown = await run(['repair'])
    expect(shown.exitCode).toBe(1)
    expect(shown.stdout).toContain('present text of 0001_a accepted')
    expect(shown.stdout).toContain('0002_b forgotten: its file is gone')
    const { answer } = await json(['repair'])
    expect(answer).toMatchObject({ exitCode: 1, dryRun: true, outcomes: [{ state: 'not-started', done: [] }] })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 2 })
  })

  test('--accept-checksums accepts an edited file', async () => {
    const { run, json, write } = await stage({ files: two })
    await run(['migrate'])
    write('app/0001_a.sql', `${tableMigration('a')}-- edited\n`)
    expect((await run(['migrate'])).stderr).toContain('0001_a.sql was changed after it ran')
    const dry = await json(['repair', '--accept-checksums', '--dry-run'])
    expect(dry.answer).toMatchObject({ exitCode: 1, dryRun: true })
    const { answer } = await json(['repair', '--accept-checksums'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ done: ['present text of 0001_a accepted'] }] })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('--forget-missing forgets what has no file', async () => {
    const { run, json, remove } = await stage({ files: two })
    await run(['migrate'])
    remove('app/0002_b.sql')
    expect((await run(['migrate'])).stderr).toContain('its file is gone')
    const { answer } = await json(['repair', '--forget-missing'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ done: ['0002_b forgotten: its file is gone'] }] })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect((await json(['repair', '--forget-missing'])).answer).toMatchObject({
      outcomes: [{ state: 'nothing-to-do' }],
    })
  })

  test.each([
    ['--ran', 'one commits,two'],
    ['--not-run', 'one commits,one commits,two'],
  ])('%s settles a procedure that committed before its run was cut off', async (flag, expected) => {
    const { run, query } = await stage({
      files: {
        'app/0001_calls.sql': migration("CALL work();\nINSERT INTO log (note) VALUES ('two');"),
      },
    })
    await query('CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, note TEXT)')
    const body = "INSERT INTO log (note) VALUES ('one commits'); COMMIT; IF @@server_id > 0 AND "
    await query(
      `CREATE PROCEDURE work() BEGIN ${body} (SELECT COUNT(*) FROM log) = 1 THEN KILL CONNECTION_ID(); END IF; END`,
    )
    expect((await run(['migrate'])).exitCode).toBe(2)
    const stopped = await run(['migrate'])
    expect(stopped.exitCode).toBe(2)
    expect(stopped.stderr).toContain('Nobody can tell whether statement 1 of 0001_calls ran')
    expect(stopped.stderr).toContain(`wwdb repair ${flag} app/0001:1`)
    expect(await run(['repair', flag, 'app/0001:1'])).toMatchObject({ exitCode: 0 })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT GROUP_CONCAT(note ORDER BY id) FROM log')).toEqual([[expected]])
  })

  test.each([
    ['app/0001:9', 2, 'no open statement'],
    ['nope/0001:1', 64, 'in no database'],
    ['0001', 64, 'names no statement'],
  ])('--ran %s: %i, a sentence', async (place, exitCode, sentence) => {
    const { run } = await stage({ files: two })
    const refused = await run(['repair', '--ran', place])
    expect(refused).toMatchObject({ exitCode, stdout: '' })
    expect(refused.stderr).toContain(sentence)
  })
})

describe('wwdb baseline', () => {
  test('takes over what is there: nothing is run, the rest is pending', async () => {
    const { run, json, tables } = await stage({ files: two })
    const dry = await json(['baseline', '0001', '--dry-run'])
    expect(dry.answer).toMatchObject({ exitCode: 0, dryRun: true, outcomes: [{ state: 'not-started' }] })
    const { answer } = await json(['baseline', '0001'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ state: 'done' }] })
    expect(await tables()).toEqual([])
    await run(['migrate'])
    expect(await tables()).toEqual(['b'])
  })

  test('is refused once something was migrated, and for what is no version', async () => {
    const { run } = await stage({ files: two })
    await run(['migrate', '--to', '0001'])
    const used = await run(['baseline', '0002'])
    expect(used).toMatchObject({ exitCode: 2, stdout: '' })
    expect(used.stderr).toContain('has a journal already: 0001 is applied')
    const wrong = await run(['baseline', 'last'])
    expect(wrong.exitCode).toBe(2)
    expect(wrong.stderr).toContain("'last' is no version")
  })
})

describe('wwdb mark', () => {
  test('--applied: not run any more; --pending: run again', async () => {
    const { run, json, tables } = await stage({ files: two })
    expect((await json(['mark', '0001', '--applied', '--dry-run'])).answer).toMatchObject({ dryRun: true })
    const { answer } = await json(['mark', '0001', '--applied'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ done: ['0001_a marked applied'] }] })
    await run(['migrate'])
    expect(await tables()).toEqual(['b'])
    expect(await run(['mark', '0001', '--pending'])).toMatchObject({ exitCode: 0 })
    await run(['migrate', '--out-of-order', 'allow'])
    expect(await tables()).toEqual(['a', 'b'])
    expect((await json(['mark', '0001', '--applied'])).answer).toMatchObject({ outcomes: [{ state: 'nothing-to-do' }] })
  })

  test('--pending lifts one migration out of a baseline', async () => {
    const { run, tables } = await stage({ files: two })
    await run(['baseline', '0002'])
    expect((await run(['mark', '0001', '--pending'])).stdout).not.toMatch(/nothing to do/)
    await run(['migrate', '--out-of-order', 'allow'])
    expect(await tables()).toEqual(['a'])
  })

  test('wants to know which, and a version that exists', async () => {
    const { run } = await stage({ files: two })
    expect(await run(['mark', '0001'])).toMatchObject({ exitCode: 64, stdout: '' })
    expect(await run(['mark', '0001', '--applied', '--pending'])).toMatchObject({ exitCode: 64, stdout: '' })
    const unknown = await run(['mark', '0009', '--applied'])
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unknown.stderr).toContain('No migration has the version 0009')
  })
})
