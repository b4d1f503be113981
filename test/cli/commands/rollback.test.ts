import { describe, expect, test } from 'vitest'
import { runOnTerminal } from '../../helpers/terminal/pseudo-terminal.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const three = {
  'app/0001_a.sql': tableMigration('a'),
  'app/0002_b.sql': tableMigration('b'),
  'app/0003_c.sql': tableMigration('c'),
}

/** Three tables, applied. */
async function withThree(configuration: object = {}) {
  const opened = await stage({ files: three, configuration })
  await opened.run(['migrate'])
  return opened
}

describe('wwdb rollback', () => {
  test('reverts the last one, also of several that were closed in one write', async () => {
    const { json, tables } = await withThree()
    const { answer } = await json(['rollback', '--yes'])
    expect(answer).toMatchObject({ kind: 'run', command: 'rollback', exitCode: 0, outcomes: [{ done: ['0003_c'] }] })
    expect(await tables()).toEqual(['a', 'b'])
  })

  test('--steps reverts as many, newest first; --to keeps its version', async () => {
    const { json, tables } = await withThree()
    const two = await json(['rollback', '--steps', '2', '--yes'])
    expect(two.answer).toMatchObject({ outcomes: [{ done: ['0003_c', '0002_b'] }] })
    await json(['migrate'])
    const { answer } = await json(['rollback', '--to', '0001', '--yes'])
    expect(answer).toMatchObject({ outcomes: [{ done: ['0003_c', '0002_b'] }] })
    expect(await tables()).toEqual(['a'])
  })

  test('--to 0 reverts everything', async () => {
    const { run, tables } = await withThree()
    expect(await run(['rollback', '--to', '0', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual([])
  })

  test('the last one is the one that ran last, not the one with the highest version', async () => {
    const { run, json, write, tables } = await stage({
      files: { 'app/20260101000000_a.sql': tableMigration('a'), 'app/20260103000000_c.sql': tableMigration('c') },
    })
    await run(['migrate'])
    write('app/20260102000000_b.sql', tableMigration('b'))
    await run(['migrate', '--out-of-order', 'allow'])
    const { answer } = await json(['rollback', '--steps', '2', '--yes'])
    expect(answer).toMatchObject({ outcomes: [{ done: ['20260102000000_b', '20260103000000_c'] }] })
    expect(await tables()).toEqual(['a'])
  })

  test('--dry-run shows the down statements and writes nothing', async () => {
    const { run, json, tables } = await withThree()
    const dry = await run(['rollback', '--dry-run'])
    expect(dry.exitCode).toBe(0)
    expect(dry.stdout).toContain('DROP TABLE c')
    expect(dry.stdout.replace(/\s+/g, ' ')).toContain('1 hazard. A rollback asks before it removes anything.')
    expect((await json(['rollback', '--dry-run'])).answer).toMatchObject({ kind: 'plan', exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('without a down part nothing is reverted', async () => {
    const { run, tables } = await stage({
      files: { 'app/0001_a.sql': migration('CREATE TABLE a (id INT);'), 'app/0002_b.sql': tableMigration('b') },
    })
    await run(['migrate'])
    const refused = await run(['rollback', '--steps', '2', '--yes'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('0001_a.sql` has no down part')
    expect(await tables()).toEqual(['a', 'b'])
  })

  test('a rollback of a migration that another database needs is refused, with and without --target', async () => {
    const { run, tables } = await stage({
      databases: ['parent', 'child'],
      files: {
        'parent/0001_users.sql': tableMigration('users'),
        'child/0001_posts.sql': tableMigration('posts', '-- wwdb:requires parent/0001'),
      },
    })
    await run(['migrate'])
    const refused = await run(['rollback', '-t', 'parent', '--yes'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('`child/0001` needs it and is applied')
    expect(await tables('parent')).toEqual(['users'])
    expect(await run(['rollback', '--to', '0', '--yes'])).toMatchObject({ exitCode: 0 })
    expect([await tables('parent'), await tables('child')]).toEqual([[], []])
  })

  test('a rollback with nothing to revert: 0, nothing to do, no question', async () => {
    const { run } = await stage({ files: three })
    const nothing = await run(['rollback'])
    expect(nothing.exitCode).toBe(0)
    expect(nothing.stdout).toMatch(/nothing to do/)
  })
})

describe('the question of a rollback', () => {
  test('without a terminal: 2, naming --yes, and nothing reverted', async () => {
    const { run, json, tables } = await withThree()
    const refused = await run(['rollback'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('--yes')
    expect((await json(['rollback'])).answer).toMatchObject({ type: 'error', code: 'NOT_CONFIRMED', exitCode: 2 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test.each([
    ['y', 0, ['a', 'b']],
    ['n', 2, ['a', 'b', 'c']],
    ['', 2, ['a', 'b', 'c']],
  ] as const)('on a terminal, answered by %j: %i', async (typed, exitCode, left) => {
    const { folder, tables } = await withThree()
    const run = await runOnTerminal(['rollback'], folder, { question: '[y/N]', typed: `${typed}\n` })
    expect(run.exitCode).toBe(exitCode)
    expect(run.screen).toContain('app/0003_c')
    expect(await tables()).toEqual(left)
  })

  test('in a protected environment wants the word and --allow-protected', async () => {
    const { run, tables } = await withThree({ environments: { production: { protected: true } } })
    const args = ['rollback', '--env', 'production']
    expect(await run([...args, '--yes'])).toMatchObject({ exitCode: 2 })
    expect(await run([...args, '--confirm', 'rollback'])).toMatchObject({ exitCode: 2 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
    expect(await run([...args, '--confirm', 'rollback', '--allow-protected'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b'])
  })
})

describe('wwdb redo', () => {
  test('reverts and applies again, as the file is now', async () => {
    const { json, write, query } = await withThree()
    write('app/0003_c.sql', migration('CREATE TABLE c (id INT PRIMARY KEY, more INT);', 'DROP TABLE c;'))
    const { answer } = await json(['redo', '--yes'])
    expect(answer).toMatchObject({ command: 'redo', exitCode: 0, outcomes: [{ done: ['0003_c'] }] })
    expect(await query('SELECT more FROM c')).toEqual([])
  })

  test('--steps 2', async () => {
    const { run, query, tables } = await withThree()
    await query('INSERT INTO a VALUES (1)')
    await query('INSERT INTO b VALUES (1)')
    expect(await run(['redo', '--steps', '2', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT COUNT(*) FROM a')).toEqual([[1]])
    expect(await query('SELECT COUNT(*) FROM b')).toEqual([[0]])
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('--dry-run, and no terminal: nothing is done', async () => {
    const { run, tables } = await withThree()
    expect(await run(['redo', '--dry-run'])).toMatchObject({ exitCode: 0 })
    const refused = await run(['redo'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('--yes')
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('reverts nothing that it may not apply again', async () => {
    const { run, query, write, tables } = await withThree()
    await query('CREATE TABLE old (id INT)')
    write('app/0003_c.sql', migration('CREATE TABLE c (id INT);\nDROP TABLE old;', 'DROP TABLE c;'))
    const refused = await run(['redo', '--yes'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('DROP_TABLE')
    expect(await tables()).toEqual(['a', 'b', 'c', 'old'])
    expect(await run(['redo', '--yes', '--allow', 'drop-table'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('that is refused after the revert reports that the migration stays reverted', async () => {
    const { run, write, tables } = await withThree()
    const nowhere = 'CREATE TABLE c (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES nowhere (id));'
    write('app/0003_c.sql', migration(nowhere, 'DROP TABLE c;'))
    const refused = await run(['redo', '--yes'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('The reverted migrations were not applied again.')
    expect(await tables()).toEqual(['a', 'b'])
  })
})
