import { describe, expect, test } from 'vitest'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe('repeatable migrations', () => {
  const view = (column: string) => migration(`CREATE OR REPLACE VIEW v AS\nSELECT 1 AS ${column};`)

  test('run again when their text changes, after the versioned ones, and not for another line end or mark', async () => {
    const { json, query, write } = await stage({
      files: { 'app/R__v.sql': view('a'), 'app/0001_t.sql': tableMigration('t') },
    })
    expect((await json(['migrate'])).answer).toMatchObject({ outcomes: [{ done: ['0001_t', 'R__v'] }] })
    for (const same of [view('a').replaceAll('\n', '\r\n'), `\uFEFF${view('a')}`, view('a').replaceAll('\n', '\r')]) {
      write('app/R__v.sql', same)
      expect((await json(['migrate'])).answer).toMatchObject({ outcomes: [{ state: 'nothing-to-do' }] })
    }
    write('app/R__v.sql', view('b'))
    expect((await json(['migrate'])).answer).toMatchObject({ outcomes: [{ done: ['R__v'] }] })
    expect(await query('SELECT b FROM v')).toEqual([[1]])
  })

  test('a repeatable that failed starts again once its text changed', async () => {
    const { json, query, write } = await stage({ files: { 'app/R__v.sql': migration('DO 1;\nSELEC 1;') } })
    write(
      'app/R__v.sql',
      migration('CREATE OR REPLACE VIEW v AS SELECT 1 AS a;\nCREATE OR REPLACE VIEW w AS SELECT nope FROM v;'),
    )
    expect((await json(['migrate'])).exitCode).toBe(2)
    write(
      'app/R__v.sql',
      migration('CREATE OR REPLACE VIEW v AS SELECT 2 AS a;\nCREATE OR REPLACE VIEW w AS SELECT a FROM v;'),
    )
    expect((await json(['migrate'])).exitCode).toBe(0)
    expect(await query('SELECT a FROM w')).toEqual([[2]])
  })
})

describe('conditions', () => {
  test('decide where a file runs; what does not hold is neither run nor missed', async () => {
    const { json, tables } = await stage({
      files: {
        'app/0001_old.sql': tableMigration('old', '-- wwdb:when server<8.0'),
        'app/0002_new.sql': tableMigration('new', '-- wwdb:when server>=8.0.11'),
        'app/0003_test.sql': tableMigration('test', '-- wwdb:when environment=test'),
        'app/0004_other.sql': tableMigration('other', '-- wwdb:when environment!=test'),
        'app/0005_both.sql': tableMigration('both', '-- wwdb:when environment=test\n-- wwdb:when server<8.0'),
      },
      configuration: { environments: { test: {} } },
    })
    await json(['migrate', '--env', 'test'])
    expect(await tables()).toEqual(['new', 'test'])
    expect((await json(['status', '--exit-code', '--env', 'test'])).exitCode).toBe(0)
    await json(['migrate', '--out-of-order', 'allow'])
    expect(await tables()).toEqual(['new', 'other', 'test'])
  })

  test('a file whose condition no longer holds can still be rolled back', async () => {
    const { json, tables } = await stage({
      files: { 'app/0001_test.sql': tableMigration('test', '-- wwdb:when environment=test') },
      configuration: { environments: { test: {} } },
    })
    await json(['migrate', '--env', 'test'])
    expect((await json(['rollback', '--yes'])).exitCode).toBe(0)
    expect(await tables()).toEqual([])
  })
})

/** When the first statement of a version began and its last one ended. */
const times = (version: string) =>
  `SELECT MIN(opened_at), MAX(closed_at) FROM wwdb_journal WHERE version = '${version}'`

describe('databases side by side', () => {
  test('wait for what they require, however the requirement is written, and for nothing else', async () => {
    const { json, query } = await stage({
      databases: ['a', 'b', 'c', 'free'],
      files: {
        'c/0001_first.sql': migration('CREATE TABLE first (id INT PRIMARY KEY);\nDO SLEEP(0.6);'),
        'b/0001_second.sql': migration(
          'CREATE TABLE second (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES {{schema:c}}.first (id));',
        ),
        'a/0001_third.sql': tableMigration('third', '-- wwdb:requires b/0001'),
        'free/0001_alone.sql': tableMigration('alone'),
      },
    })
    const { answer, events } = await json(['migrate'])
    expect(answer.exitCode).toBe(0)
    expect(events.filter((event) => event['type'] === 'step-waiting').length).toBeGreaterThanOrEqual(2)
    const at = async (database: string) => ((await query(times('0001'), database))[0] ?? []).map(String)
    const [c, b, a, free] = [await at('c'), await at('b'), await at('a'), await at('free')]
    expect((c[1] ?? '') <= (b[0] ?? '')).toBe(true)
    expect((b[1] ?? '') <= (a[0] ?? '')).toBe(true)
    expect((free[1] ?? '') < (c[1] ?? '')).toBe(true)
  })

  test('one fails: dependents are not started, independent ones are done, and the next run finishes', async () => {
    const { json, run, write, tables } = await stage({
      databases: ['bad', 'child', 'free'],
      files: {
        'bad/0001_ok.sql': tableMigration('ok'),
        'bad/0002_broken.sql': migration('CREATE TABLE broken (id NOPE);', 'DROP TABLE broken;'),
        'bad/0003_later.sql': tableMigration('later'),
        'child/0001_child.sql': tableMigration('child', '-- wwdb:requires bad/0002'),
        'free/0001_free.sql': tableMigration('free'),
      },
    })
    const { answer } = await json(['migrate'])
    expect(answer).toMatchObject({
      exitCode: 2,
      outcomes: [
        { state: 'failed', done: ['0001_ok'], notDone: ['0002_broken', '0003_later'], code: 'STATEMENT_FAILED' },
        { state: 'not-started', done: [], notDone: ['0001_child'], code: 'DEPENDENCY_FAILED' },
        { state: 'done', done: ['0001_free'], notDone: [] },
      ],
    })
    const human = await run(['migrate', '--trial', 'off'])
    expect(human.exitCode).toBe(2)
    for (const part of ['0002_broken', '0003_later', '0001_child', 'not done', 'not started']) {
      expect(human.stdout).toContain(part)
    }
    write('bad/0002_broken.sql', tableMigration('broken'))
    expect((await json(['migrate'])).exitCode).toBe(0)
    expect([await tables('bad'), await tables('child')]).toEqual([['broken', 'later', 'ok'], ['child']])
  })

  test('a rollback goes the other way: dependents first', async () => {
    const { json, query } = await stage({
      databases: ['parent', 'child'],
      files: {
        'parent/0001_p.sql': tableMigration('p'),
        'child/0001_c.sql': migration(
          'CREATE TABLE c (id INT);',
          'DO SLEEP(0.3);\nDROP TABLE c;',
          '-- wwdb:requires parent/0001',
        ),
      },
    })
    await json(['migrate'])
    expect((await json(['rollback', '--to', '0', '--yes'])).exitCode).toBe(0)
    const down = "SELECT MIN(opened_at), MAX(closed_at) FROM wwdb_journal WHERE direction = 'down'"
    const [[, childEnded] = []] = await query(down, 'child')
    const [[parentBegan] = []] = await query(down, 'parent')
    expect(String(childEnded) <= String(parentBegan)).toBe(true)
  })
})

describe('an edit of a migration that stopped half way', () => {
  const half = ['CREATE TABLE one (id INT);', 'INSERT INTO one VALUES (1);', 'CREATE TABLE two (id NOPE);']

  async function stopped() {
    const opened = await stage({ files: { 'app/0001_half.sql': migration(half.join('\n')) } })
    expect((await opened.run(['migrate'])).exitCode).toBe(2)
    return {
      ...opened,
      edit: (lines: readonly string[]) => opened.write('app/0001_half.sql', migration(lines.join('\n'))),
    }
  }

  test('is refused where a statement ran, with its place', async () => {
    const { run, edit, tables } = await stopped()
    edit([half[0] ?? '', 'INSERT INTO one VALUES (2);', 'CREATE TABLE two (id INT);'])
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('Statement 2 of `0001_half` was changed after it ran: INSERT one')
    expect(refused.stderr).toContain('0001_half.sql:3')
    expect(await tables()).toEqual(['one'])
  })

  test('is refused where a statement that ran was taken out', async () => {
    const { run, edit } = await stopped()
    edit([half[0] ?? ''])
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('Statement 2 of `0001_half` ran and is no longer in the file')
  })

  test('is welcome at the one that failed and after', async () => {
    const { json, edit, query, tables } = await stopped()
    edit([...half.slice(0, 2), 'CREATE TABLE two (id INT);', 'CREATE TABLE three (id INT);'])
    expect((await json(['migrate'])).answer).toMatchObject({ exitCode: 0, outcomes: [{ statements: 2 }] })
    expect(await tables()).toEqual(['one', 'three', 'two'])
    expect(await query('SELECT COUNT(*) FROM one')).toEqual([[1]])
    expect((await json(['status', '--exit-code'])).exitCode).toBe(0)
  })

  test('that takes the failing one out completes the migration', async () => {
    const { json, edit, tables } = await stopped()
    edit(half.slice(0, 2))
    expect((await json(['migrate'])).answer).toMatchObject({ exitCode: 0, outcomes: [{ done: ['0001_half'] }] })
    expect((await json(['status', '--exit-code'])).exitCode).toBe(0)
    expect(await tables()).toEqual(['one'])
  })

  test('leaves a rollback that goes back over what ran', async () => {
    const { run, write, tables } = await stopped()
    write('app/0001_half.sql', migration(half.join('\n'), 'DROP TABLE one;'))
    expect((await run(['rollback', '--yes'])).exitCode).toBe(0)
    expect(await tables()).toEqual([])
  })
})

describe('references', () => {
  const files = {
    'one/0001_a.sql': tableMigration('a'),
    'two/0001_b.sql': tableMigration('b', '-- wwdb:when references=physical'),
  }

  test('are recorded at the first migration, and a flip is refused: 78', async () => {
    const { json, run, query, tables } = await stage({ databases: ['one', 'two'], files })
    await run(['migrate'])
    expect(await tables('two')).toEqual(['b'])
    expect(await query("SELECT name FROM wwdb_journal WHERE version = 'references'", 'one')).toEqual([['physical']])
    const flipped = await json(['migrate'], { environment: { WWDB_REFERENCES: 'logical' } })
    expect(flipped.answer).toMatchObject({ type: 'error', code: 'REFERENCES_CHANGED', exitCode: 78 })
  })

  test('become logical when no key between databases is left, and stay so', async () => {
    const key = migration(
      'ALTER TABLE b ADD CONSTRAINT fk_b_a FOREIGN KEY (id) REFERENCES {{schema:one}}.a (id);',
      'ALTER TABLE b DROP FOREIGN KEY fk_b_a;',
      '-- wwdb:when references=physical',
    )
    const { run, json, write, query, tables } = await stage({
      databases: ['one', 'two'],
      files: { 'one/0001_a.sql': tableMigration('a'), 'two/0001_b.sql': tableMigration('b'), 'two/0002_key.sql': key },
    })
    await run(['migrate'])
    const refused = await json(['repair', '--logical-references'])
    expect(refused.answer).toMatchObject({
      code: 'REFERENCES_CHANGED',
      faults: [{ what: expect.stringContaining('fk_b_a') }],
    })
    const gone = migration('ALTER TABLE b DROP FOREIGN KEY fk_b_a;', undefined, '-- wwdb:when references=physical')
    write('two/0003_no_key.sql', gone)
    expect((await run(['migrate'])).exitCode).toBe(0)
    const physical = await json(['repair', '--logical-references'], { environment: { WWDB_REFERENCES: 'physical' } })
    expect(physical.answer).toMatchObject({ code: 'REFERENCES_CHANGED', exitCode: 78 })
    const dry = await json(['repair', '--logical-references', '--dry-run'])
    expect(dry.answer).toMatchObject({ outcomes: [{ notDone: [expect.stringContaining('logical')] }, {}] })
    // One database alone, as a run leaves it that was killed between the two: the next one takes the other along.
    expect((await run(['repair', '--logical-references', '-t', 'one'])).exitCode).toBe(0)
    expect((await run(['repair', '--logical-references'])).exitCode).toBe(0)
    expect((await json(['repair', '--logical-references'])).answer).toMatchObject({
      outcomes: [{ state: 'nothing-to-do' }, { state: 'nothing-to-do' }],
    })
    for (const database of ['one', 'two'])
      expect(await query("SELECT name FROM wwdb_journal WHERE version = 'references'", database)).toEqual([['logical']])
    write('two/0004_c.sql', tableMigration('c', '-- wwdb:when references=physical'))
    write('two/0005_d.sql', tableMigration('d'))
    expect((await run(['migrate'])).exitCode).toBe(0)
    expect(await tables('two')).toEqual(['b', 'd'])
    expect((await run(['status', '--exit-code'])).exitCode).toBe(0)
  })

  test('are the same for a database that comes later, also where it is the only target', async () => {
    const { json, run } = await stage({
      databases: ['one', 'two'],
      files: { ...files, 'two/0002_c.sql': tableMigration('c', '-- wwdb:requires one/0001') },
    })
    await run(['migrate', '-t', 'one'])
    const flipped = await json(['migrate', '-t', 'two'], { environment: { WWDB_REFERENCES: 'logical' } })
    expect(flipped.answer).toMatchObject({ code: 'REFERENCES_CHANGED', exitCode: 78 })
  })

  test('auto is logical as soon as two servers are named', async () => {
    const { json, url, tables } = await stage({ databases: ['one', 'two'], files })
    // One server by two names: what counts is what the configuration says.
    const other = url.replace('127.0.0.1', 'localhost')
    expect((await json(['migrate'], { environment: { WWDB_TWO_URL: other } })).exitCode).toBe(0)
    expect(await tables('two')).toEqual([])
    expect((await json(['status', '--exit-code'], { environment: { WWDB_TWO_URL: other } })).exitCode).toBe(0)
    expect((await json(['migrate'])).exitCode).toBe(0)
    expect(await tables('two')).toEqual([])
  })
})
