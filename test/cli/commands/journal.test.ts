import { describe, expect, test } from 'vitest'
import { selectLeftScratch } from '../../helpers/servers/schema.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

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
    expect(shown.stdout).toContain('current text of 0001_a accepted')
    expect(shown.stdout).toContain('0002_b forgotten: its file is gone')
    expect(shown.stdout).not.toContain('goes on where')
    expect(shown.stdout).toContain('with --accept-checksums')
    expect(shown.stdout).toContain('with --forget-missing')
    expect(shown.stdout).toContain('run `wwdb repair` with the flags of the repairs that you want')
    const { answer } = await json(['repair'])
    expect(answer).toMatchObject({ exitCode: 1, dryRun: true, outcomes: [{ state: 'not-started', done: [] }] })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 2 })
    await run(['repair', '--accept-checksums', '--forget-missing'])
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('--accept-checksums accepts an edited file', async () => {
    const { run, json, write } = await stage({ files: two })
    await run(['migrate'])
    write('app/0001_a.sql', `${tableMigration('a')}-- edited\n`)
    expect((await run(['migrate'])).stderr).toContain('0001_a.sql` was changed after it ran')
    const dry = await json(['repair', '--accept-checksums', '--dry-run'])
    expect(dry.answer).toMatchObject({ exitCode: 1, dryRun: true })
    const { answer } = await json(['repair', '--accept-checksums'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ done: ['current text of 0001_a accepted'] }] })
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
    expect(stopped.stderr).toContain('It is not known whether statement 1 of `0001_calls` ran')
    expect(stopped.stderr).toContain(`wwdb repair ${flag} app/0001:1`)
    expect(await run(['repair', flag, 'app/0001:1'])).toMatchObject({ exitCode: 0 })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT GROUP_CONCAT(note ORDER BY id) FROM log')).toEqual([[expected]])
  })

  test.each([
    ['app/0001:9', 2, 'no open statement'],
    ['nope/0001:1', 64, 'is not in a database of this repair'],
    ['0001', 64, 'is not a statement'],
  ])('--ran %s: %i, a sentence', async (place, exitCode, sentence) => {
    const { run } = await stage({ files: two })
    const refused = await run(['repair', '--ran', place])
    expect(refused).toMatchObject({ exitCode, stdout: '' })
    expect(refused.stderr).toContain(sentence)
  })
})

describe('wwdb baseline', () => {
  test('takes over what is there: nothing is run, the rest is pending', async () => {
    const { run, json, query, tables } = await stage({ files: two })
    await query('CREATE TABLE a (id INT PRIMARY KEY)')
    const dry = await json(['baseline', '0001', '--dry-run'])
    expect(dry.answer).toMatchObject({ exitCode: 0, dryRun: true, outcomes: [{ state: 'not-started' }] })
    const { answer } = await json(['baseline', '0001'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ state: 'done' }] })
    expect(await tables()).toEqual(['a'])
    await run(['migrate'])
    expect(await tables()).toEqual(['a', 'b'])
  })

  test('shows what is not as the files make it and records nothing, unless that is accepted', async () => {
    const { run, json, query, schema } = await stage({
      databases: ['app', 'mail'],
      files: {
        ...two,
        'mail/0001_m.sql': migration(
          'CREATE TABLE m (id INT PRIMARY KEY, a INT, CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES {{schema:app}}.a (id));',
          'DROP TABLE m;',
          '-- wwdb:requires app/0001',
        ),
      },
      configuration: { references: 'physical' },
    })
    await query('CREATE TABLE a (id INT PRIMARY KEY)', 'app')
    await query(
      `CREATE TABLE m (id INT PRIMARY KEY, a INT, note TEXT, CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES \`${schema('app')}\`.a (id))`,
      'mail',
    )
    const refused = await json(['baseline', '0001'])
    expect(refused.answer).toMatchObject({
      exitCode: 1,
      kind: 'schema-diff',
      from: 'live',
      to: 'the files up to 0001',
      databases: [{ database: 'mail', differences: [{ name: 'm', parts: [{ name: 'note', change: 'extra' }] }] }],
    })
    expect(await query("SHOW TABLES LIKE 'wwdb%'", 'app')).toEqual([])
    expect(await query("SHOW TABLES LIKE 'wwdb%'", 'mail')).toEqual([])
    // What a chosen database requires of another one is made beside it.
    const told = await run(['baseline', '0001', '-t', 'mail', '--dry-run'])
    expect(told).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('`--accept-drift`') })
    expect(await run(['baseline', '0001', '--accept-drift'])).toMatchObject({ exitCode: 0 })
    expect((await json(['status'])).answer).toMatchObject({
      targets: [{ migrations: [{ state: 'baseline' }, { state: 'pending' }] }, { migrations: [{ state: 'baseline' }] }],
    })
    expect(await query(selectLeftScratch)).toEqual([])
  })

  test('refuses a version of which no file is there, for several databases at once', async () => {
    const { json, query } = await stage({
      databases: ['app', 'mail'],
      files: { ...two, 'mail/0001_m.sql': tableMigration('m') },
    })
    const refused = await json(['baseline', '0003'])
    expect(refused).toMatchObject({ exitCode: 2, answer: { code: 'BASELINE_REFUSED' } })
    expect(await query("SHOW TABLES LIKE 'wwdb%'", 'app')).toEqual([])
    expect(await query("SHOW TABLES LIKE 'wwdb%'", 'mail')).toEqual([])
  })

  test('names the way without a comparison where the files do not run', async () => {
    const { json } = await stage({ files: { 'app/0001_a.sql': migration('ALTER TABLE older ADD COLUMN a INT;') } })
    const refused = await json(['baseline', '0001'])
    expect(refused.exitCode).not.toBe(0)
    expect(JSON.stringify(refused.answer)).toContain('`--accept-drift` records them without a comparison.')
    expect(await json(['baseline', '0001', '--accept-drift'])).toMatchObject({ exitCode: 0 })
  })

  test('is refused once something was migrated, and for what is not a version', async () => {
    const { run } = await stage({ files: two })
    await run(['migrate', '--to', '0001'])
    const used = await run(['baseline', '0002'])
    expect(used).toMatchObject({ exitCode: 2, stdout: '' })
    expect(used.stderr).toContain('has a journal already: 0001 is applied')
    const wrong = await run(['baseline', 'last'])
    expect(wrong.exitCode).toBe(2)
    expect(wrong.stderr).toContain('`last` is not a version')
  })
})

describe('taking over a database that was made by other means', () => {
  const files = {
    'app/0001_a.sql': tableMigration('a'),
    'app/0002_b.sql': tableMigration('b'),
    'app/0003_c.sql': tableMigration('c'),
  }

  async function madeByHand() {
    const made = await stage({ files })
    await made.query('CREATE TABLE a (id INT PRIMARY KEY)')
    await made.query('CREATE TABLE b (id INT PRIMARY KEY)')
    return made
  }

  test('migrate names baseline, and that works', async () => {
    const { run, tables } = await madeByHand()
    const { exitCode, stderr } = await run(['migrate'])
    expect(exitCode).toBe(2)
    const command = /`wwdb (baseline VERSION [^`]+)`/.exec(stderr.replace(/\s+/g, ' '))?.[1]
    expect(command).toBe('baseline VERSION --target app')
    expect(await run((command ?? '').replace('VERSION', '0002').split(' '))).toMatchObject({ exitCode: 0 })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
    const status = await run(['status', '--exit-code'])
    expect(status.exitCode).toBe(0)
    expect(status.stdout).toMatch(/baseline +0001.*\n.*baseline +0002.*\n.*applied +0003/)
  })

  test('after `mark --pending`, too', async () => {
    const { run, tables } = await madeByHand()
    await run(['migrate'])
    await run(['mark', '0001', '--pending'])
    expect(await run(['baseline', '0002'])).toMatchObject({ exitCode: 0 })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
    expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('where migrations ran before, migrate names mark, and that works', async () => {
    const { run, query, tables } = await stage({ files })
    await run(['migrate', '--to', '0001'])
    await query('CREATE TABLE b (id INT PRIMARY KEY)')
    const { exitCode, stderr } = await run(['migrate'])
    expect(exitCode).toBe(2)
    const command = /`wwdb (mark [^`]+)`/.exec(stderr.replace(/\s+/g, ' '))?.[1]
    expect(command).toBe('mark 0002 --applied --target app')
    expect(await run((command ?? '').split(' '))).toMatchObject({ exitCode: 0 })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('a baseline that no file has is refused; a file that is added later runs', async () => {
    const { run, write, remove, tables } = await madeByHand()
    const refused = await run(['baseline', '99'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('No migration has the version 99')
    expect(refused.stderr).toContain('the last one is 0003')
    remove('app/0003_c.sql')
    expect(await run(['baseline', '0002'])).toMatchObject({ exitCode: 0 })
    write('app/0003_c.sql', tableMigration('c'))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('each of several databases is taken over up to its own last file', async () => {
    const { run, write, query, tables, json } = await stage({
      databases: ['app', 'mail'],
      files: { 'app/0002_b.sql': tableMigration('b'), 'mail/0001_m.sql': tableMigration('m') },
    })
    await query('CREATE TABLE b (id INT PRIMARY KEY)', 'app')
    await query('CREATE TABLE m (id INT PRIMARY KEY)', 'mail')
    const { answer } = await json(['baseline', '0002'])
    expect(answer).toMatchObject({
      outcomes: [
        { done: ['baseline 0002: 1 migration counts as applied'] },
        { done: ['baseline 0001: 1 migration counts as applied'] },
      ],
    })
    expect((await json(['baseline', '0002'])).answer).toMatchObject({
      outcomes: [{ state: 'nothing-to-do' }, { state: 'nothing-to-do' }],
    })
    write('mail/0002_n.sql', tableMigration('n'))
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await tables('mail')).toEqual(['m', 'n'])
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
    await run(['baseline', '0002', '--accept-drift'])
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
