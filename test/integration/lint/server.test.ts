import { describe, expect, test } from 'vitest'
import type { LintResult } from '../../../src/lint/commands/lint-view.ts'
import { asRoot } from '../../helpers/grants/grant-trial.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe.each(['9.7', '8.0'] as const)('on MySQL %s, lint --server', (version) => {
  const open = async (files: Readonly<Record<string, string>>) => {
    const { url } = await testServerOf(version)
    const first = migration('CREATE TABLE t (id INT PRIMARY KEY, n INT, name VARCHAR(20));', 'DROP TABLE t;')
    const opened = await stage({ url, files: { 'app/0001_t.sql': first } })
    expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
    for (const [file, text] of Object.entries(files)) opened.write(file, text)
    const lint = async (...args: readonly string[]) => {
      const { answer, run } = await opened.json(['lint', '--server', ...args])
      return { result: answer as unknown as LintResult, run }
    }
    return { ...opened, lint }
  }

  const codesOf = ({ findings }: LintResult): readonly string[] => findings.map(({ code, line }) => `${code} ${line}`)

  test('judges what the journal has not applied', async () => {
    const { lint } = await open({
      'app/0002_k.sql': migration('CREATE TABLE k (id INT PRIMARY KEY);', 'DROP TABLE k;'),
    })
    const { result } = await lint()
    expect(result.judged).toMatchObject({ files: 1, by: 'journal', note: null })
    expect(result.trial).toMatchObject({ tried: 2, untried: [], notes: [] })
  })

  test('ends with 2 where all of the named files are applied there, or no schema is there to try them in', async () => {
    const { run } = await open({})
    const applied = await run(['lint', '--server', 'migrations/app/0001_t.sql', '--format', 'json'])
    expect(applied.exitCode).toBe(2)
    expect(applied.stdout).toContain('NOTHING_JUDGED')
    const { url } = await testServerOf(version)
    const first = migration('CREATE TABLE t (id INT PRIMARY KEY);', 'DROP TABLE t;')
    const empty = await stage({ url, create: false, files: { 'app/0001_t.sql': first } })
    const untried = await empty.run(['lint', '--server'])
    expect(untried.exitCode, untried.stdout + untried.stderr).toBe(2)
    expect(untried.stderr.replaceAll(/\s+/g, ' ')).toContain('has no schema')
  })

  test('reports what the server refuses by its own version, without a version that is planned', async () => {
    const { lint } = await open({
      'app/0002_user.sql': migration(
        "CREATE USER 'lint_old'@'%' IDENTIFIED WITH mysql_native_password BY 'x';",
        'DO 0;',
      ),
    })
    const { result } = await lint()
    expect(codesOf(result).filter((code) => code.startsWith('UPGRADE_'))).toEqual(
      version === '9.7' ? ['UPGRADE_AUTHENTICATION 2'] : [],
    )
  })

  test('logs in with the password of a file, as commands that always connect do', async () => {
    const { run, url, write, folder, prefix } = await open({})
    const user = `lint_${process.pid}_${version.replace('.', '')}`
    const rights = [prefix, 'wwdb_scratch_'].map(
      (start) => `GRANT ALL ON \`${start.replaceAll('_', '\\_')}%\`.* TO '${user}'@'%'`,
    )
    await asRoot(url, `CREATE USER '${user}'@'%' IDENTIFIED BY 'from a file'`, ...rights)
    write('secrets/password.txt', 'from a file\n')
    const words = ['lint', '--server', '--url', `mysql://${user}@127.0.0.1:${new URL(url).port}`]
    const environment = {
      WWDB_PASSWORD_FILE: `${folder}/migrations/secrets/password.txt`,
      WWDB_ALLOW_PUBLIC_KEY_RETRIEVAL: 'true',
    }
    const reviewed = await run(words, { environment })
    await asRoot(url, `DROP USER '${user}'@'%'`)
    expect(reviewed.exitCode, reviewed.stderr).toBe(0)
  })

  test('names what the server refuses, in up and in down parts, with its place', async () => {
    const { lint, tables } = await open({
      'app/0002_k.sql': migration(
        'CREATE TABLE k (id INT PRIMARY KEY,\n  g GEOMETRY NOT NULL SRID 999999);\nCREATE TABLE f (id INT PRIMARY KEY, t VARCHAR(9), FOREIGN KEY (t) REFERENCES t (id));',
      ),
      'app/0003_n.sql': migration(
        'CREATE VIEW w AS SELECT id FROM t;',
        'ALTER VIEW w AS SELECT id + 1 FROM t ORDER BY t.nothing;',
      ),
    })
    const { result, run } = await lint()
    expect(run.exitCode).toBe(1)
    const refused = result.findings.filter(({ code }) => code === 'SERVER_REFUSES')
    expect(refused.map(({ file, line }) => [file, line])).toEqual([
      ['migrations/app/0002_k.sql', 2],
      ['migrations/app/0003_n.sql', 5],
    ])
    expect(refused[0]?.message).toMatch(/error 3548/)
    // A rule says of the foreign key what is wrong with it: then the server's refusal is not named again.
    expect(result.findings.filter(({ line, severity }) => line === 4 && severity === 'error').length).toBe(1)
    expect(await tables()).toEqual(['t'])
  })

  test.each([
    ['another type', 'ALTER TABLE t MODIFY n BIGINT;', 'ALTER TABLE t MODIFY n SMALLINT;', /column n/],
    ['an index that stays', 'ALTER TABLE t ADD COLUMN m INT, ADD KEY k (n);', 'ALTER TABLE t DROP COLUMN m;', /k/],
    ['another place of a column', 'ALTER TABLE t DROP COLUMN n;', 'ALTER TABLE t ADD COLUMN n INT;', /n/],
    ['a lost view', 'CREATE OR REPLACE VIEW v AS SELECT 1 AS one;', 'SELECT 1;', /view v/],
  ])('finds a down part that is not the inverse: %s', async (_, up, down, what) => {
    const { lint } = await open({ 'app/0002_c.sql': migration(up, down) })
    const { result } = await lint()
    const found = result.findings.filter(({ code }) => code === 'DOWN_NOT_INVERSE')
    expect(found.map(({ message }) => message).join(' ')).toMatch(what)
  })

  test('finds nothing in a down part that takes everything back', async () => {
    const up =
      'ALTER TABLE t ADD COLUMN m INT, ADD KEY k (n);\nCREATE VIEW v AS SELECT id, m FROM t;\nCREATE PROCEDURE p () SELECT 1;\nCREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.m = 1;'
    const down = 'DROP TRIGGER g;\nDROP PROCEDURE p;\nDROP VIEW v;\nALTER TABLE t DROP KEY k, DROP COLUMN m;'
    const { lint } = await open({ 'app/0002_c.sql': migration(up, down) })
    const { result } = await lint()
    expect(codesOf(result).filter((code) => /SERVER|INVERSE/.test(code))).toEqual([])
    expect(result.trial?.tried).toBe(8)
  })

  test('does not judge a way back of which a statement was not tried, and names that statement', async () => {
    const { lint, run } = await open({
      'app/0002_c.sql': migration('CREATE TABLE k (id INT PRIMARY KEY);\nCALL sys.nothing();', 'SELECT 1;'),
    })
    const { result } = await lint()
    expect(result.trial?.untried).toEqual([
      { file: 'migrations/app/0002_c.sql', line: 3, why: 'it calls a procedure, which could do anything' },
    ])
    expect(result.findings.filter(({ code }) => code === 'SERVER_REFUSES')).toEqual([])
    const human = await run(['lint', '--server'])
    expect(human.stdout.replace(/\s+/g, ' ')).toContain(
      'The copies are empty: failures that depend on existing rows were not seen.',
    )
  })

  test('takes the algorithm from the server, not from the text', async () => {
    const { lint, run } = await open({
      // A change that only the type of the column decides.
      'app/0002_c.sql': migration(
        'ALTER TABLE t MODIFY name VARCHAR(50);\nALTER TABLE t MODIFY n BIGINT;',
        'ALTER TABLE t MODIFY n INT, MODIFY name VARCHAR(20);',
      ),
    })
    const { result } = await lint()
    expect(codesOf(result)).toContain('BLOCKING_COPY 3')
    expect(codesOf(result)).not.toContain('BLOCKING_COPY 2')
    expect((await run(['lint', '--server', '--all'])).exitCode).not.toBe(69)
  })

  test('judges the live schema for another version, also what no file makes', async () => {
    const { lint, query } = await open({})
    if (version === '9.7') await query('SET SESSION restrict_fk_on_non_standard_key = OFF')
    await query('CREATE TABLE p (id INT PRIMARY KEY, n INT, KEY k (n))')
    await query('CREATE TABLE c (id INT PRIMARY KEY, n INT, CONSTRAINT f FOREIGN KEY (n) REFERENCES p (n))')
    const { result } = await lint('--target-version', '9.7')
    const found = result.findings.filter(({ file }) => file === 'live schema of app')
    expect(found.map(({ code }) => code)).toEqual(['UPGRADE_FOREIGN_KEY'])
    expect((await lint()).result.findings.filter(({ file }) => file.startsWith('live'))).toEqual([])
  })

  test('judges accounts, settings and names of the server for another version', async () => {
    const { lint, query, url } = await open({})
    const user = `lint_old_${process.pid}_${version.replace('.', '')}`
    const plugin = version === '8.0' ? 'mysql_native_password' : 'sha256_password'
    await asRoot(url, `CREATE USER '${user}'@'localhost' IDENTIFIED WITH ${plugin} BY 'x'`)
    if (version === '8.0') {
      await query('CREATE TABLE `qualify` (id INT PRIMARY KEY, `library` INT)')
      await query('CREATE PROCEDURE old () SELECT 1 AS external')
    }
    const { result } = await lint('--target-version', '9.7')
    await asRoot(url, `DROP USER '${user}'@'localhost'`)
    const named = result.findings.filter(({ file, message }) => file.startsWith('server ') && message.includes(user))
    expect(named.map(({ code }) => code)).toEqual([
      version === '8.0' ? 'UPGRADE_ACCOUNT_PLUGIN' : 'UPGRADE_DEPRECATED_ACCOUNT',
    ])
    const own = result.findings.filter(({ file }) => file === 'live schema of app').map(({ code }) => code)
    const words = ['UPGRADE_BODY_WORD', 'UPGRADE_RESERVED_NAME', 'UPGRADE_RESERVED_NAME']
    expect(own.toSorted()).toEqual(version === '8.0' ? words : [])
    expect(result.findings.some(({ code }) => code === 'UPGRADE_NEW_DEFAULT')).toBe(version === '8.0')
  })

  test('names what an account may not read of its server, and judges the rest', async () => {
    const { lint, url, prefix } = await open({})
    const user = `lint_poor_${process.pid}_${version.replace('.', '')}`
    const rights = [prefix, 'wwdb_scratch_'].map(
      (start) => `GRANT ALL ON \`${start.replaceAll('_', '\\_')}%\`.* TO '${user}'@'%'`,
    )
    await asRoot(url, `CREATE USER '${user}'@'%' IDENTIFIED BY 'x'`, ...rights)
    const door = new URL(url)
    const words = ['--url', `mysql://${user}:x@127.0.0.1:${door.port}`, '--target-version', '9.7']
    const { result } = await lint(...words)
    await asRoot(url, `DROP USER '${user}'@'%'`)
    expect(result.trial?.notes.join(' ')).toMatch(/Accounts were not read: .*denied/)
  })

  test('reports a server that is not reached', async () => {
    const { run } = await open({})
    const lost = await run(['lint', '--server', '--url', 'mysql://root@127.0.0.1:9'])
    expect(lost.exitCode).toBe(69)
  })
})
