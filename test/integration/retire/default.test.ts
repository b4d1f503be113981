import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), name VARCHAR(20) NOT NULL, mail VARCHAR(20), KEY by_nick (nick), UNIQUE KEY by_mail (mail));
INSERT INTO users VALUES (1, 'a', 'Ann', 'x');
CREATE TABLE parents (id INT PRIMARY KEY);
CREATE TABLE children (id INT PRIMARY KEY, parent INT, CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id));
INSERT INTO parents VALUES (1);
INSERT INTO children VALUES (1, 1);`

describe.each(versionsInTurn(import.meta.url))('a protected environment on MySQL %s', (version) => {
  async function start(up: string, header = '', retire: object = {}): Promise<Stage> {
    const { url } = await testServerOf(version)
    const stage = await openStage({
      url,
      files: { 'app/0001_tables.sql': migration(tables) },
      configuration: { environments: { prod: { protected: true, retire }, dev: {} } },
    })
    expect(await stage.run(['migrate', '--env', 'prod', '--yes'])).toMatchObject({ exitCode: 0 })
    stage.write('app/0002_drop.sql', migration(up, undefined, header))
    return stage
  }

  async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
    const ended = await stage.run(['--env', 'prod', ...args])
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(exitCode)
    return (ended.stdout + ended.stderr).replaceAll(/\s+/g, ' ')
  }

  const count = async (stage: Stage): Promise<unknown> =>
    (await stage.query('SELECT COUNT(*) FROM wwdb_retired').catch(() => [[0]]))[0]?.[0]

  test('hides what a migration drops without a line, as its plan says, and a rollback puts it back', async () => {
    const stage = await start(
      'DROP INDEX by_nick ON users;\nALTER TABLE users DROP COLUMN nick;\nDROP TABLE children;\nDROP TABLE parents;',
      '',
      { grace: '3 days' },
    )
    const planned = await run(stage, 0, 'plan')
    expect(
      planned.match(/hidden, and dropped after 3 days without a use, as the environment is protected/g),
    ).toHaveLength(4)
    const { answer } = await stage.json(['--env', 'prod', 'plan'])
    expect(JSON.stringify(answer)).toContain('"retire":{"grace":259200000,"isDefault":true}')
    const made = await run(stage, 0, 'migrate', '--yes')
    expect(made).toContain('hid `users.by_nick`')
    expect(made).toContain('put aside `parents`')
    const listed = await run(stage, 0, 'retire', 'list')
    expect(listed).toContain('4 things retired')
    await run(stage, 0, 'rollback', '--yes', '--confirm', 'rollback', '--allow-protected')
    expect(await stage.query('SELECT nick FROM users')).toEqual([['a']])
    expect(await stage.query('SELECT * FROM children, parents')).toEqual([[1, 1, 1]])
    await run(stage, 0, 'drift')
  })

  test('drops what its file says is meant, after the question of before', async () => {
    const never = await start('-- wwdb:retire never\nALTER TABLE users DROP COLUMN nick;')
    expect(await run(never, 2, 'migrate', '--yes')).toContain('DROP_COLUMN')
    const accepted = await start('ALTER TABLE users DROP COLUMN nick;', '-- wwdb:accept DROP_COLUMN nothing reads it')
    expect(await run(accepted, 2, 'migrate', '--yes')).toContain('--allow DROP_COLUMN')
    await run(accepted, 0, 'migrate', '--yes', '--allow', 'DROP_COLUMN,LIVE_STATEMENTS')
    expect(await count(accepted)).toBe(0)
    const off = await start('ALTER TABLE users DROP COLUMN nick;', '', { grace: 'none' })
    expect(await run(off, 2, 'migrate', '--yes')).toContain('DROP_COLUMN')
  })

  test('drops at once what the plan has made, makes again, or what would refuse rows while it is hidden', async () => {
    const stage = await start(
      'CREATE TABLE short (id INT PRIMARY KEY);\nDROP TABLE short;\nDROP INDEX by_nick ON users;\nCREATE INDEX by_nick ON users (nick, name);\nDROP INDEX by_mail ON users;',
    )
    const planned = await run(stage, 0, 'plan')
    expect(planned).not.toContain('hidden, and dropped')
    expect(planned).toContain('Queries that use `by_mail` will scan')
    await run(stage, 0, 'migrate', '--yes', '--allow', 'DROP_TABLE,DROP_INDEX')
    expect(await count(stage)).toBe(0)
  })

  test('says before anything runs what cannot be hidden', async () => {
    const stage = await start('CREATE TABLE made (id INT PRIMARY KEY);\nALTER TABLE users DROP COLUMN name;')
    for (const command of [['plan'], ['migrate', '--yes']]) {
      expect(await run(stage, 2, ...command)).toContain(
        '`users.name` cannot be retired: it is NOT NULL and has no default.',
      )
    }
    expect(await stage.tables()).not.toContain('made')
    stage.write(
      'app/0002_drop.sql',
      migration("ALTER TABLE users ALTER COLUMN name SET DEFAULT '';\nALTER TABLE users DROP COLUMN name;"),
    )
    await run(stage, 0, 'migrate', '--yes')
    expect(await count(stage)).toBe(1)
  })

  test.each(['off', 'auto'])(
    'says before anything runs what foreign keys of others keep, with the trial %s',
    async (trial) => {
      const stage = await start('CREATE TABLE made (id INT PRIMARY KEY);\nDROP TABLE parents;')
      for (const command of [['plan'], ['migrate', '--yes']]) {
        const said = await run(stage, 2, ...command, '--trial', trial)
        expect(said).toContain('`parents` cannot be retired: `children.of_parent` references it.')
        expect(said).toContain('app/0002_drop.sql:3')
      }
      expect(await stage.tables()).not.toContain('made')
      // The way out that it names, and that of a child which goes first.
      stage.write(
        'app/0002_drop.sql',
        migration('ALTER TABLE children DROP FOREIGN KEY of_parent;\nDROP TABLE parents;'),
      )
      await run(stage, 0, 'migrate', '--yes', '--trial', trial, '--allow', 'DROP_CONSTRAINT')
      expect(await count(stage)).toBe(1)
    },
  )

  test('is another environment: one that is not protected drops as before', async () => {
    const stage = await start('DROP TABLE children;')
    expect(
      (await stage.run(['--env', 'dev', 'migrate', '--yes', '--allow', 'DROP_TABLE,LIVE_STATEMENTS'])).exitCode,
    ).toBe(0)
    expect(await stage.tables()).toEqual(['parents', 'users'])
  })
})
