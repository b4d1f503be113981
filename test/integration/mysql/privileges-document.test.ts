import { readFile } from 'node:fs/promises'
import { createConnection } from 'mysql2/promise'
import { afterAll, describe, expect, test } from 'vitest'
import {
  commandNeeds,
  lookPrivileges,
  replayPrivileges,
  scratchPrivileges,
  shapePrivileges,
} from '../../../src/grants/command-needs.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const page = await readFile(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8')
const section = page.slice(page.indexOf('## Privileges'), page.indexOf('## Session'))
const rows = [...section.matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \|$/gm)].map(
  ([, command = '', own = '', other = '']) => ({
    command,
    own,
    other,
  }),
)
const users: string[] = []

/** Several statements on the shared server, as root. */
async function query(...texts: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri: testServer().url })
  for (const text of texts) await connection.query(text)
  await connection.end()
}

afterAll(async () => {
  await query(...users.map((user) => `DROP USER IF EXISTS ${user}`))
})

/** The URL of a user who has nothing but the privileges given. */
async function login(...grants: readonly string[]): Promise<string> {
  const user = `least_${process.pid}_${users.length}`
  users.push(user)
  await query(`CREATE USER ${user}`, ...grants.map((grant) => `GRANT ${grant} TO ${user}`))
  return `mysql://${user}@127.0.0.1:${new URL(testServer().url).port}`
}

const template = (columns = '') =>
  `-- wwdb:keys app.owners(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY${columns}) ENGINE=InnoDB;\n`

const files = {
  'app/0001_owners.sql': migration(
    'CREATE TABLE owners (id BIGINT PRIMARY KEY, n INT);\nINSERT INTO owners VALUES (1, 1);\nALTER TABLE owners ADD INDEX (n);\nUPDATE owners SET n = 2 WHERE id = 1;',
    'DROP TABLE owners;',
  ),
  'seeds/app/owners.yaml': 'table: owners\nkey: id\nrows:\n  - id: 2\n    n: 5\n',
}

const shards = { 'shard-templates/app/notes.sql': template() }

/** An index that a migration has hidden. */
async function retire(stage: Stage): Promise<void> {
  stage.write('app/0002_index.sql', migration('-- wwdb:retire 0\nDROP INDEX n ON owners;'))
  await stage.run(['migrate'])
}

/** A table of the template's columns. Where there is a binary log, the server wants SUPER for a trigger, or this setting. */
async function prepareSplit(stage: Stage): Promise<void> {
  await stage.run(['migrate'])
  await stage.query('SET GLOBAL log_bin_trust_function_creators = 1')
  await stage.query('CREATE TABLE marks (id BIGINT PRIMARY KEY)')
  await stage.query('INSERT INTO marks VALUES (1), (7)')
}

async function split(stage: Stage): Promise<void> {
  await prepareSplit(stage)
  await stage.run(['shards', 'split', 'marks', '--into', 'notes', '--by', 'id', '--yes'])
}

/** What must be there before a command is tried, by root. */
const before: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  rollback: async (stage) => void (await stage.run(['migrate'])),
  undo: async (stage) => {
    const text = '-- wwdb:batch\n-- wwdb:undo\nDELETE FROM owners WHERE n = 2;'
    stage.write('app/0002_less.sql', migration(text))
    await stage.run(['migrate'])
  },
  seed: async (stage) => void (await stage.run(['migrate'])),
  'rotate run': async (stage) => void (await stage.run(['migrate'])),
  'shards check': async (stage) => {
    await stage.run(['migrate'])
    await stage.run(['rotate', 'run'])
  },
  plan: async (stage) => {
    await stage.run(['migrate'])
    stage.write('app/0002_more.sql', migration('ALTER TABLE owners ADD COLUMN m INT;'))
  },
  'retire list': retire,
  'retire run': retire,
  'retire undo': retire,
  'shards split': prepareSplit,
  'shards split --view': prepareSplit,
  'shards split --undo': split,
  'shards split --final': split,
  // What its files make is there, as other means made it.
  baseline: async (stage) => {
    await stage.run(['migrate'])
    for (const table of ['wwdb_journal', 'wwdb_schema', 'wwdb_runs']) await stage.query(`DROP TABLE ${table}`)
  },
  'plan --no-probe': async (stage) => void (await stage.run(['migrate'])),
  'migrate (shards)': async (stage) => {
    await stage.run(['migrate'])
    await stage.run(['rotate', 'run'])
    stage.write('shard-templates/app/notes.sql', template(', n INT'))
    stage.write(
      'app/0002_notes.sql',
      migration('ALTER TABLE {{table}} ADD COLUMN n INT;', undefined, '-- wwdb:shards notes'),
    )
  },
}

const more: Readonly<Record<string, readonly string[]>> = {
  'shards split': ['marks', '--into', 'notes', '--by', 'id', '--yes'],
  'shards split --view': ['marks', '--into', 'notes', '--by', 'id', '--yes'],
  'shards split --undo': ['marks', '--into', 'notes', '--yes'],
  'shards split --final': ['marks', '--into', 'notes', '--yes'],
  rollback: ['--yes'],
  undo: ['0002', '--yes'],
  'retire undo': ['owners.n', '--yes'],
  baseline: ['0001'],
  'db drop': ['--yes', '--confirm'],
}

describe('the privileges of docs/reference/configuration.md', () => {
  test('are those that `wwdb grants` computes from', () => {
    const others = { try: scratchPrivileges, shape: shapePrivileges, replay: replayPrivileges }
    const { server, performanceSchema } = lookPrivileges
    const looks = [`${server.join(', ')} on \`*.*\``, `${performanceSchema.join(', ')} on \`performance_schema\``]
    expect(rows).toEqual(
      commandNeeds.map((needs) => ({
        command: needs.command,
        own: [...needs.own, ...(needs.example ?? [])].join(', ') || 'none',
        other:
          [
            ...(needs.scratch === false ? [] : [`${others[needs.scratch].join(', ')} on \`wwdb\\_scratch\\_%\``]),
            ...(needs.looks === true ? looks : []),
          ].join('; ') || 'none',
      })),
    )
  })

  test.each(rows)('$command: $own; $other', async ({ command, own, other }) => {
    const isSharded = /shard|rotate/.test(command)
    const stage = await openStage({
      files: { ...files, ...(isSharded ? shards : {}) },
      create: command !== 'db create',
    })
    await before[command]?.(stage)
    const schema = stage.schema('app')
    const grants = [
      ...(own === 'none' ? [] : [`${own} ON \`${schema.replaceAll('_', '\\_')}\`.*`]),
      ...[...other.matchAll(/([A-Z_, ]+) on `([^`]+)`/g)].map(([, names, place]) =>
        place === '*.*' ? `${names} ON *.*` : `${names} ON \`${place}\`.*`,
      ),
    ]
    const url = await login(...grants)
    const words = command.replace(/ \(.*\)/, '').split(' ')
    const extra = command === 'db drop' ? ['--yes', `--confirm=${schema}`] : (more[command] ?? [])
    const run = await stage.run([...words, ...extra, '--url', url])
    expect(run.exitCode, run.stdout + run.stderr).toBe(0)
    expect(run.stdout + run.stderr).not.toMatch(/denied|was not asked/)
  })
})

describe('a user without access to a schema', () => {
  test('does not get the answer of db ping that it is missing', async () => {
    const stage = await openStage({ files })
    const url = await login()
    const run = await stage.run(['db', 'ping', '--url', url])
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stdout).toMatch(/does not exist, or `least_\w+` has no privilege on it/)
    expect(run.stdout).not.toContain('does not exist yet')
    const dropped = await openStage({ create: false })
    expect((await dropped.run(['db', 'ping'])).stdout).toContain('does not exist yet')
  })

  test('a user without access to the dependent databases migrates with a warning, and cannot roll back what they may need', async () => {
    const stage = await openStage({
      databases: ['one', 'two'],
      files: {
        'one/0001_a.sql': tableMigration('a'),
        'two/0001_b.sql': tableMigration('b', '-- wwdb:requires one/0001'),
      },
    })
    const own = `SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON \`${stage.schema('one').replaceAll('_', '\\_')}\`.*`
    const url = await login(own)
    const warning = 'The journal of `two` could not be read, so its migrations count as applied: '
    const migrated = await stage.run(['migrate', '-t', 'one', '--url', url])
    expect(migrated.exitCode, migrated.stderr).toBe(0)
    expect(migrated.stderr).toContain(
      `${warning}User \`${users.at(-1)}\` has no access to schema \`${stage.schema('two')}\`: Access denied`,
    )
    expect(await stage.tables('one')).toEqual(['a'])
    // A right on another table of that schema lets the user in, but not to the journal.
    await stage.run(['migrate'])
    await query(`GRANT SELECT ON \`${stage.schema('two')}\`.b TO ${users.at(-1)}`)
    const again = await stage.run(['plan', '-t', 'one', '--url', url])
    expect(again.exitCode, again.stderr).toBe(0)
    expect(again.stderr).toContain(`${warning}MySQL refused`)
    const rollback = await stage.run(['rollback', '-t', 'one', '--yes', '--url', url])
    expect(rollback.exitCode, rollback.stderr).toBe(69)
    expect(rollback.stdout).toContain('could not be read')
    expect(await stage.tables('one')).toEqual(['a'])
    const kept = await stage.run(['plan', '-t', 'one', '--out', 'p.json', '--url', url])
    expect(kept.exitCode, kept.stderr).toBe(0)
  })
})
