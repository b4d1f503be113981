import { describe, expect, test } from 'vitest'
import { selectLeftScratch } from '../../helpers/servers/schema.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const month = `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:premake 2 periods

CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body TEXT COMMENT '内容');
`
const keyed = `-- wwdb:keys app.instances(id)
-- wwdb:name contacts_{key}
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY, KEY (id));
`
const messages = 'shard-templates/app/messages.sql'
const contacts = 'shard-templates/app/contacts.sql'

describe('wwdb template render', () => {
  test('a project without families learns how one is written', async () => {
    const { run } = await stage({ create: false, files: {} })
    const refused = await run(['template', 'render'])
    expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
    expect(refused.stderr).toContain('Write a template')
  })

  test('0: nothing but SQL on stdout, and it is what the server makes', async () => {
    const { run, query, tables } = await stage({ files: { [messages]: month } })
    const rendered = await run(['template', 'render', '--family', 'messages', '--key', '2026-12'])
    expect(rendered).toMatchObject({ exitCode: 0, stderr: '' })
    expect(rendered.stdout).toBe(`SET NAMES utf8mb4;

-- messages 2026-12, of ${messages}
CREATE TABLE IF NOT EXISTS \`messages_202612\` (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body TEXT COMMENT '内容');
`)
    await query(rendered.stdout.replace('SET NAMES utf8mb4;', ''))
    expect(await tables()).toEqual(['messages_202612'])
  })

  test('the only family need not be named, and the current period neither', async () => {
    const { run } = await stage({ create: false, files: { [messages]: month } })
    const now = new Date().toISOString().slice(0, 7)
    const { stdout, exitCode } = await run(['template', 'render'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`-- messages ${now}, of`)
  })

  test.each([
    [['--family', 'mesages'], 64, 'Did you mean `messages`?'],
    [[], 64, 'Give `--family`, one of `contacts`, `messages`.'],
    [['--family', 'messages', '--key', '42'], 64, '"42" is not a valid month in UTC.'],
    [['--family', 'contacts', '--key', '2026-12'], 64, 'is not a shard key.'],
    [['--family', 'contacts'], 64, 'No shard of `contacts` is given.'],
    [['--family', 'messages', '--key', '2026-13'], 64, '"2026-13" is not a valid month in UTC.'],
    [['--family', 'contacts', '--key', '1`; DROP TABLE x'], 64, 'is not a shard key.'],
  ])('%j is refused, with nothing on stdout', async (args, exitCode, sentence) => {
    const { run } = await stage({ create: false, files: { [messages]: month, [contacts]: keyed } })
    const refused = await run(['template', 'render', ...args])
    expect(refused).toMatchObject({ exitCode, stdout: '' })
    expect(refused.stderr).toContain(sentence)
  })
})

describe('wwdb template check', () => {
  test('0 where the server makes what is written; the schema is left alone', async () => {
    const { run, json, tables, query } = await stage({ files: { [messages]: month, [contacts]: keyed } })
    const { answer, exitCode, run: checked } = await json(['template', 'check'])
    expect({ exitCode, stderr: checked.stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(answer).toMatchObject({
      kind: 'templates',
      templates: [
        {
          family: 'contacts',
          faults: [],
          changes: ['The server created the index `id`, which is not in the template.'],
        },
        { family: 'messages', faults: [], changes: [] },
      ],
    })
    const one = await run(['template', 'check', '--family', 'messages'])
    expect(one.stdout).toContain('1 template: as written.')
    expect(await tables()).toEqual([])
    expect(await query(selectLeftScratch)).toEqual([])
  })

  test('1 where it does not, with the template and the reason', async () => {
    const { run } = await stage({ files: { [messages]: month.replace('TEXT', 'STRING') } })
    const { exitCode, stdout } = await run(['template', 'check'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`at ${messages}:5`)
    expect(stdout).toContain('You have an error in your SQL syntax')
    expect(stdout).toContain('1 template: 1 not as written.')
  })

  test('it has its own codes: no server 69, a wrong family 64, a wrong template 2', async () => {
    const { run, write } = await stage({ create: false, files: { [messages]: month } })
    const away = { environment: { WWDB_URL: 'mysql://root@127.0.0.1:1' } }
    expect(await run(['template', 'check'], away)).toMatchObject({ exitCode: 69, stdout: '' })
    expect(await run(['template', 'check', '--family', 'x'])).toMatchObject({ exitCode: 64, stdout: '' })
    write(messages, month.replace('month', 'moth'))
    const wrong = await run(['template', 'check'])
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' })
    expect(wrong.stderr).toContain(`at ${messages}:1:16`)
    expect(wrong.stderr).toContain('TEMPLATES_INVALID')
  })
})

describe('templates are checked with everything else', () => {
  test('validate: 1, beside the faults of migrations', async () => {
    const { json } = await stage({
      create: false,
      files: { [messages]: `${month}SELECT 1;`, 'app/0001_a.sql': '-- migrate:up\nDO 1;' },
    })
    const { answer, exitCode } = await json(['validate'])
    expect(exitCode).toBe(1)
    expect(answer).toMatchObject({
      files: 2,
      faults: [
        { what: 'A second statement follows, but a template must have only one.', where: { file: messages, line: 6 } },
      ],
    })
  })

  test('config validate: 78 for a header that the configuration replaces wrongly, and for shards that may run out', async () => {
    const rotation = { schedule: '0 0 1 * *', families: { messages: { keep: '24' } } }
    const { json, write } = await stage({ create: false, files: { [messages]: month }, configuration: { rotation } })
    const wrong = await json(['config', 'validate'])
    expect(wrong.exitCode).toBe(78)
    expect(wrong.answer).toMatchObject({
      faults: [
        {
          what: 'rotation.families.messages.keep is "24", a number without a unit.',
          where: { file: 'wwdb.config.json' },
        },
      ],
    })
    write(messages, month.replace('2 periods', '1 day'))
    write(
      'wwdb.config.json',
      JSON.stringify({ url: 'mysql://root@127.0.0.1', databases: { app: {} }, rotation: { schedule: '0 0 1 * *' } }),
    )
    const short = await json(['config', 'validate'])
    expect(short.exitCode).toBe(78)
    expect(short.answer).toMatchObject({
      faults: [
        { what: 'The shards of `messages` may run out: they are created 1 day ahead.', where: { file: messages } },
      ],
    })
  })
})
