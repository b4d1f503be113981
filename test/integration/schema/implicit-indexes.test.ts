import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const parent = 'CREATE TABLE p (id INT PRIMARY KEY);'
/** MySQL makes `fk_p` and `q_id`; `own` and `fk_own` are there by name. */
const child = `CREATE TABLE c (id INT PRIMARY KEY, p_id INT, q_id INT, o_id INT, s INT, KEY fk_own (o_id),
  CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id), FOREIGN KEY (q_id) REFERENCES p (id),
  CONSTRAINT fk_own FOREIGN KEY (o_id) REFERENCES p (id));`
const adds = [
  'CREATE INDEX by_p ON c (p_id, s)',
  'CREATE INDEX by_q ON c (q_id, s)',
  'CREATE INDEX by_o ON c (o_id, s)',
]

describe.each(versionsInTurn(import.meta.url))('indexes that MySQL made for foreign keys on MySQL %s', (version) => {
  let url: string
  beforeAll(async () => {
    url = (await testServerOf(version)).url
  })

  const run = async (stage: Stage, ...args: readonly string[]): Promise<string> => {
    const ended = await stage.run(args)
    expect(ended, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toMatchObject({ exitCode: 0 })
    return ended.stdout + ended.stderr
  }

  /** Which indexes are left when others of the same columns come. */
  async function indexesAfter(stage: Stage): Promise<readonly string[]> {
    for (const text of adds) await stage.query(text)
    const rows = await stage.query('SHOW INDEX FROM c')
    return [...new Set(rows.map((row) => String(row[2])))].sort()
  }
  const left = ['PRIMARY', 'by_o', 'by_p', 'by_q', 'fk_own']

  async function copyOf(stage: Stage): Promise<Stage> {
    const folder = join(stage.folder, 'migrations/app')
    const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
    const copy = await openStage({
      url,
      files: Object.fromEntries(files.map((name) => [`app/${name}`, readFileSync(join(folder, name), 'utf8')])),
    })
    await run(copy, 'migrate', '--allow', 'drop-table')
    return copy
  }

  test('a baseline of what is there leaves them to MySQL', async () => {
    const stage = await openStage({ url })
    for (const text of [parent, child]) await stage.query(text)
    await run(stage, 'baseline', '0001', '--from-live')
    expect(await run(stage, 'drift', '--replay')).not.toContain('not expected')
    expect(await indexesAfter(await copyOf(stage))).toEqual(left)
  })

  test('a change by hand that is kept leaves them to MySQL', async () => {
    const stage = await openStage({ url, files: { 'app/0001_p.sql': migration(parent) } })
    await run(stage, 'migrate')
    await stage.query(child)
    await run(stage, 'drift', '--accept', 'kept')
    await run(stage, 'drift')
    await run(stage, 'drift', '--replay')
    expect(await indexesAfter(await copyOf(stage))).toEqual(left)
  })

  test('a saved difference leaves them to MySQL, on the way there and back', async () => {
    const stage = await openStage({ url, files: { 'app/0001_p.sql': migration(parent) } })
    await run(stage, 'migrate')
    await stage.query(child)
    await run(stage, 'schema', 'diff', '--from', 'files', '--to', 'live', '--save', 'made')
    expect(await indexesAfter(await copyOf(stage))).toEqual(left)
    await stage.query('DROP TABLE c')
    await run(stage, 'schema', 'diff', '--from', 'files', '--to', 'live', '--save', 'dropped')
    const copy = await copyOf(stage)
    await run(copy, 'rollback', '--yes')
    expect(await indexesAfter(copy)).toEqual(left)
  })

  test('the statements of a difference leave them to MySQL', async () => {
    const stage = await openStage({ url, files: { 'app/0001_p.sql': migration(`${parent}\n${child}`) } })
    await stage.query(parent)
    const sql = await run(stage, 'schema', 'diff', '--sql')
    for (const text of sql.split(/;\n/)) if (text.trim() !== '') await stage.query(text)
    expect(await indexesAfter(stage)).toEqual(left)
  })

  test('a key that a hand added to a table is kept with its index', async () => {
    const table = 'CREATE TABLE c (id INT PRIMARY KEY, p_id INT, s INT);'
    const stage = await openStage({ url, files: { 'app/0001_p.sql': migration(`${parent}\n${table}`) } })
    await run(stage, 'migrate')
    await stage.query('ALTER TABLE c ADD CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id)')
    await run(stage, 'drift', '--accept', 'kept')
    const copy = await copyOf(stage)
    await copy.query('CREATE INDEX by_p ON c (p_id, s)')
    const rows = await copy.query('SHOW INDEX FROM c')
    expect([...new Set(rows.map((row) => String(row[2])))].sort()).toEqual(['PRIMARY', 'by_p'])
    await run(stage, 'drift')
  })

  test('a table that a hand dropped comes back with them', async () => {
    const stage = await openStage({ url, files: { 'app/0001_p.sql': migration(`${parent}\n${child}`) } })
    await run(stage, 'migrate')
    await stage.query('DROP TABLE c')
    await run(stage, 'drift', '--revert', '--yes')
    await run(stage, 'drift')
    expect(await indexesAfter(stage)).toEqual(left)
  })
})
