import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, test } from 'vitest'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'
import { cleanEnvironment, launcher } from '../../helpers/tool/tool.ts'

const stage = withStages()

const messages = `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:ids YYYYMM x 10000000000
-- wwdb:premake 3 periods, 1 days
-- wwdb:late 0 days
-- wwdb:archive none
CREATE TABLE {{table}} (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  content VARCHAR(200),
  PRIMARY KEY (id),
  KEY idx_content (content)
) ENGINE=InnoDB;
`
const contacts = `-- wwdb:keys app.owners(id)
-- wwdb:name contacts_{key}
-- wwdb:archive none
CREATE TABLE {{table}} (
  id BIGINT NOT NULL PRIMARY KEY,
  name VARCHAR(50)
) ENGINE=InnoDB;
`

/** With messages of four months, and contacts of two owners. */
async function openRotated(): Promise<Stage> {
  const project = await open()
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  return project
}

async function open(): Promise<Stage> {
  const files = { 'shard-templates/app/messages.sql': messages, 'shard-templates/app/contacts.sql': contacts }
  const project = await stage({ files })
  await project.query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
  await project.query('INSERT INTO owners VALUES (7), (42)')
  return project
}

async function tablesOf(project: Stage, family: string): Promise<readonly string[]> {
  const { answer } = await project.json(['shards', 'list', '--family', family])
  return (answer['shards'] as readonly { readonly table: string }[]).map(({ table }) => table)
}

describe('wwdb shards check', () => {
  test('1 before the first rotation, 0 after it: the answer on stdout, nothing on stderr', async () => {
    const project = await open()
    const before = await project.run(['shards', 'check'])
    expect(before).toMatchObject({ exitCode: 1, stderr: '' })
    expect(before.stdout).toContain('no registry yet')
    expect(before.stdout).toContain('missing: contacts_7, contacts_42')
    await project.run(['rotate', 'run'])
    const after = await project.run(['shards', 'check'])
    expect(after).toMatchObject({ exitCode: 0, stderr: '' })
    expect(after.stdout).toContain('6 shards of 2 families: nothing is wrong.')
  })

  test('each finding on a line of its own, and what to do', async () => {
    const project = await openRotated()
    const [first = '', second = ''] = await tablesOf(project, 'messages')
    await project.query(`DROP TABLE ${second}`)
    await project.query(`ALTER TABLE ${first} DROP INDEX idx_content`)
    await project.query('CREATE TABLE messages_archive (id INT)')
    const { exitCode, stdout } = await project.run(['shards', 'check', '--family', 'messages'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`      missing: ${second}\n`)
    expect(stdout).toContain(`      in the registry, but gone: ${second} (live)\n`)
    expect(stdout).toContain('      unexpected: messages_archive. Its name begins like messages_{YYYYMM}')
    expect(stdout).toContain('      2 like the template\n')
    expect(stdout).toContain(`      1 lacks index \`idx_content\`: ${first}\n`)
    expect(stdout).toContain('3 shards of 1 family: 3 findings.')
    expect(stdout).toContain('`wwdb rotate run` creates what is missing.')
    expect(stdout).toContain('`wwdb shards repair` runs them.')
    expect(stdout).not.toContain('contacts')
  })

  test('--json: one document that the published schema allows, with the same exit code', async () => {
    const project = await openRotated()
    const clean = await project.json(['shards', 'check'])
    expect(clean).toMatchObject({ exitCode: 0, events: [], answer: { kind: 'shard-check', findings: 0 } })
    await project.query('DROP TABLE contacts_42')
    const found = await project.json(['shards', 'check', '--scratch'])
    expect(found).toMatchObject({ exitCode: 1, answer: { findings: 1 } })
    expect(found.run.stderr).toBe('')
  })

  test('a table that migrations make is no surprise', async () => {
    const project = await openRotated()
    project.write('app/0001_tags.sql', '-- migrate:up\nCREATE TABLE messages_tags (id INT PRIMARY KEY);\n')
    await project.run(['migrate'])
    expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
    await project.query('CREATE TABLE messages_other (id INT PRIMARY KEY)')
    expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 1 })
  })

  test('--metrics: numbers for Prometheus, whole or not at all', async () => {
    const project = await openRotated()
    await project.query('DROP TABLE contacts_42')
    mkdirSync(join(project.folder, 'metrics'))
    const file = join(project.folder, 'metrics', 'wwdb.prom')
    writeFileSync(file, 'old\n')
    expect(await project.run(['shards', 'check', '--metrics', 'metrics/wwdb.prom'])).toMatchObject({ exitCode: 1 })
    const text = readFileSync(file, 'utf8')
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) wwdb_shard_\w+ .+|wwdb_shard_(database_checked\{database="app"\} 1|\w+(\{database="app",family="\w+"\})? [\d.]+))$/,
      )
    }
    expect(text).toContain('wwdb_shard_missing{database="app",family="contacts"} 1\n')
    expect(text).toContain('wwdb_shard_missing{database="app",family="messages"} 0\n')
    expect(text).toMatch(/wwdb_shard_headroom_seconds\{database="app",family="messages"\} \d+/)
    expect(text).not.toContain('headroom_seconds{database="app",family="contacts"}')
    expect(text).toMatch(/wwdb_shard_last_success_timestamp_seconds\{database="app",family="messages"\} \d+/)
    expect(readdirSync(join(project.folder, 'metrics'))).toEqual(['wwdb.prom'])
    const refused = await project.json(['shards', 'check', '--metrics', 'nowhere/wwdb.prom'])
    expect(refused).toMatchObject({ exitCode: 2, answer: { code: 'METRICS_FILE' } })
  })

  test('what cannot be asked for: 64; a project without families: 78', async () => {
    const project = await open()
    const unknown = await project.json(['shards', 'check', '--family', 'mesages'])
    expect(unknown).toMatchObject({ exitCode: 64, answer: { code: 'UNKNOWN_FAMILY' } })
    expect(JSON.stringify(unknown.answer)).toContain('messages')
    expect(await project.run(['shards', 'check', '-t', 'nobody'])).toMatchObject({ exitCode: 64 })
    const bare = await stage()
    expect(await bare.json(['shards', 'check'])).toMatchObject({ exitCode: 78, answer: { code: 'NO_FAMILIES' } })
  })

  test('a server that is not there: 69, and the old metrics stay', async () => {
    const project = await openRotated()
    const file = join(project.folder, 'wwdb.prom')
    writeFileSync(file, 'old\n')
    const environment = { WWDB_URL: 'mysql://root@127.0.0.1:1' }
    const run = await project.run(['shards', 'check', '--metrics', file], { environment })
    expect(run).toMatchObject({ exitCode: 69, stdout: '' })
    expect(readFileSync(file, 'utf8')).toBe('old\n')
  })

  test('names from the server cannot drive a terminal; colors only where they are wanted', async () => {
    const project = await openRotated()
    await project.query('CREATE TABLE `messages_\u001b[31mred` (id INT)')
    const plain = await project.run(['shards', 'check'])
    expect(plain.exitCode).toBe(1)
    expect(plain.stdout).not.toContain('\u001b')
    const colors = await project.run(['shards', 'check'], { environment: { NO_COLOR: '', FORCE_COLOR: '1' } })
    expect(colors.stdout).toContain('\u001b[')
    expect(colors.stdout).not.toContain('\u001b[31mred')
  })
})

describe('wwdb shards list', () => {
  test('every shard with its state, and those of one state', async () => {
    const project = await openRotated()
    await project.query('CREATE TABLE contacts_100 (id INT)')
    await project.query('DROP TABLE contacts_7')
    const { stdout, exitCode } = await project.run(['shards', 'list', '--family', 'contacts'])
    expect(exitCode).toBe(0)
    expect(stdout).toBe(
      [
        '  contacts_7    lost          version 1',
        '  contacts_42   live          version 1',
        '  contacts_100  unregistered',
        '3 shards.',
        '',
      ].join('\n'),
    )
    const { answer } = await project.json(['shards', 'list', '--state', 'unregistered'])
    expect(answer).toMatchObject({ kind: 'shard-list', shards: [{ table: 'contacts_100', state: 'unregistered' }] })
    expect(await project.run(['shards', 'list', '--state', 'gone'])).toMatchObject({ exitCode: 64 })
  })

  test('a reader that goes away early is no failure', async () => {
    const project = await openRotated()
    const script = `"${execPath}" "${launcher}" shards list | head -1; echo "\${PIPESTATUS[0]}"`
    const run = spawnSync('bash', ['-c', script], { cwd: project.folder, env: cleanEnvironment(), encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(2)
  })
})

describe('wwdb shards locate', () => {
  test('by id, by time and by key, with the server and without it', async () => {
    const project = await openRotated()
    const [first = ''] = await tablesOf(project, 'messages')
    const digits = first.slice('messages_'.length)
    const key = `${digits.slice(0, 4)}-${digits.slice(4)}`
    const by = (...clue: readonly string[]) => project.json(['shards', 'locate', '--family', 'messages', ...clue])
    const found = { kind: 'shard-location', table: first, key, database: 'app' }
    expect(await by('--id', `${digits}0000004711`)).toMatchObject({
      exitCode: 0,
      answer: { ...found, shard: { state: 'live' } },
    })
    expect(await by('--at', `${key}-15T12:00:00Z`)).toMatchObject({ exitCode: 0, answer: found })
    expect(await by('--key', key)).toMatchObject({ exitCode: 0, answer: found })
    expect(await by('--key', '2099-12')).toMatchObject({ exitCode: 1, answer: { shard: { state: 'missing' } } })
    const offline = await project.run(['shards', 'locate', '--family', 'contacts', '--key', '42', '--offline'], {
      environment: { WWDB_URL: 'mysql://root@127.0.0.1:1' },
    })
    expect(offline).toMatchObject({ exitCode: 0, stderr: '', stdout: '· app.contacts_42, key 42\n' })
  })

  test('1 where its table is gone', async () => {
    const project = await openRotated()
    await project.query('DROP TABLE contacts_42')
    const { exitCode, stdout } = await project.run(['shards', 'locate', '--family', 'contacts', '--key', '42'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('lost')
  })

  test.each([
    [['--family', 'contacts'], 'USAGE'],
    [['--id', '5'], 'USAGE'],
    [['--family', 'contacts', '--key', '1', '--id', '2'], 'USAGE'],
    [['--family', 'contacts', '--id', '1'], 'SHARD_UNKNOWN'],
    [['--family', 'contacts', '--at', '2026-01-01'], 'SHARD_UNKNOWN'],
    [['--family', 'messages', '--at', 'yesterday'], 'USAGE'],
    [['--family', 'messages', '--at', '2026-02-30'], 'USAGE'],
    [['--family', 'messages', '--id', '-1'], 'SHARD_UNKNOWN'],
    [['--family', 'messages', '--id', '1e3'], 'SHARD_UNKNOWN'],
    [['--family', 'messages', '--id', '18446744073709551616'], 'SHARD_UNKNOWN'],
    [['--family', 'messages', '--id', '5'], 'SHARD_UNKNOWN'],
    [['--family', 'messages', '--key', '2026-13'], 'KEY_INVALID'],
    [['--family', 'messages', '--key', "2026-12'; DROP TABLE x; --"], 'KEY_INVALID'],
    [['--family', 'contacts', '--key', '../etc'], 'KEY_INVALID'],
    [['--family', 'contacts', '--key', '042'], 'KEY_INVALID'],
    [['--family', 'contacts', '--key', '`'], 'KEY_INVALID'],
    [['--family', 'contacts', '--key', '18446744073709551616'], 'KEY_INVALID'],
  ])('refuses %j with a sentence', async (clue, code) => {
    const project = await open()
    const { answer, run } = await project.json(['shards', 'locate', ...clue])
    expect(answer).toMatchObject({ type: 'error', code })
    expect(run.exitCode).toBe(64)
    expect(run.stdout).not.toContain('    at ')
  })
})

describe('wwdb shards adopt', () => {
  test('says what it would take and what not, then does it, once', async () => {
    const project = await openRotated()
    await project.query('DROP TABLE wwdb_shards, wwdb_shard_families')
    await project.query('ALTER TABLE contacts_7 ADD COLUMN note INT')
    await project.query('CREATE TABLE contacts_old (id INT)')
    const rehearsal = await project.json(['shards', 'adopt', '--dry-run'])
    expect(rehearsal).toMatchObject({ exitCode: 1, answer: { kind: 'shard-adoption', dryRun: true } })
    expect(await project.tables()).not.toContain('wwdb_shards')
    const { exitCode, stdout } = await project.run(['shards', 'adopt'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('contacts: 1 adopted (contacts_42), 0 known before')
    expect(stdout).toContain('not adopted: contacts_7. It has an extra column `note`.')
    expect(stdout).toContain('not adopted: contacts_old. Its name begins like contacts_{key}')
    expect(stdout).toContain('5 tables adopted, 2 not adopted.')
    const again = await project.run(['shards', 'adopt', '--family', 'messages'])
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stdout).toContain('nothing to adopt, 4 known before')
    await project.query('DROP TABLE contacts_old')
    expect(await project.run(['shards', 'repair', '--allow', 'DROP_COLUMN', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await project.run(['shards', 'adopt'])).toMatchObject({ exitCode: 0 })
    expect(await project.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
  })
})

describe('wwdb shards diff and repair', () => {
  test('--dry-run changes nothing; without a yes nothing either', async () => {
    const project = await openRotated()
    await project.query('ALTER TABLE contacts_7 DROP COLUMN name')
    const rehearsal = await project.json(['shards', 'repair', '--dry-run'])
    expect(rehearsal).toMatchObject({ exitCode: 0, answer: { kind: 'shard-diff' } })
    const refused = await project.json(['shards', 'repair'])
    expect(refused).toMatchObject({ exitCode: 2, answer: { code: 'NOT_CONFIRMED' } })
    const { exitCode, stdout } = await project.run(['shards', 'diff', '--family', 'contacts'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('    1 lacks column `name`: contacts_7\n')
    expect(stdout).toContain('      ALTER TABLE contacts_7\n')
    expect(stdout).toContain('        ADD COLUMN `name` varchar(50) DEFAULT NULL AFTER `id`\n')
  })

  test('nothing is taken from a protected shard, with any allowances', async () => {
    const project = await openRotated()
    await project.query('ALTER TABLE contacts_7 ADD COLUMN note INT')
    await project.query('ALTER TABLE contacts_42 ADD COLUMN note INT')
    expect(
      await project.run(['shards', 'protect', '--family', 'contacts', '--key', '7', '--reason', 'case 1']),
    ).toMatchObject({
      exitCode: 0,
    })
    const { answer, exitCode } = await project.json(['shards', 'repair', '--yes', '--allow', 'DROP_COLUMN'])
    expect(exitCode).toBe(2)
    expect(answer).toMatchObject({ code: 'SHARD_PROTECTED', faults: [{ what: expect.stringContaining('contacts_7') }] })
    expect(await project.query("SHOW COLUMNS FROM contacts_42 LIKE 'note'")).toHaveLength(1)
  })

  test('a hazard that is not known: 64', async () => {
    const project = await openRotated()
    await project.query('ALTER TABLE contacts_7 ADD COLUMN note INT')
    expect(await project.json(['shards', 'repair', '--yes', '--allow', 'DROP_COLUMS'])).toMatchObject({
      exitCode: 64,
      answer: { code: 'UNKNOWN_HAZARD' },
    })
  })

  test('a repair reports its progress as events that the schema allows', async () => {
    const project = await openRotated()
    await project.query('ALTER TABLE contacts_7 DROP COLUMN name')
    const { events, answer, exitCode } = await project.json(['shards', 'repair', '--yes'])
    expect(exitCode).toBe(0)
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['version', 'run-started', 'fan-out-started', 'shard-started', 'shard-finished']),
    )
    expect(answer).toMatchObject({ families: [{ family: 'contacts', repaired: ['contacts_7'] }] })
  })
})
