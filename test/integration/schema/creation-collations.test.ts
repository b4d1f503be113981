import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const table = 'CREATE TABLE t (id INT PRIMARY KEY, word VARCHAR(20));'
/** A literal has the collation of the session that made the code. */
const code = [
  "CREATE VIEW v AS SELECT COLLATION('x') AS of_text",
  "CREATE FUNCTION f() RETURNS VARCHAR(64) CHARACTER SET utf8mb4 DETERMINISTIC RETURN COLLATION('x')",
  "CREATE PROCEDURE p() SELECT COLLATION('x')",
  "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.word = LEFT(COLLATION('x'), 20)",
  "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 00:00:00' DISABLE DO INSERT INTO t VALUES (1, COLLATION('x'))",
]

describe.each(versionsInTurn(import.meta.url))('code made under a collation of its own on MySQL %s', (version) => {
  let url: string
  beforeAll(async () => {
    url = (await testServerOf(version)).url
  })

  const run = async (stage: Stage, ...args: readonly string[]): Promise<string> => {
    const ended = await stage.run(args)
    expect(ended, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toMatchObject({ exitCode: 0 })
    return ended.stdout
  }

  async function makeByHand(stage: Stage): Promise<void> {
    await stage.query('SET SESSION collation_connection=latin1_german2_ci')
    for (const text of code) await stage.query(text)
    await stage.query('SET NAMES utf8mb4')
  }

  /** What the code says. */
  async function answersOf(stage: Stage): Promise<readonly unknown[]> {
    await stage.query('INSERT INTO t (id) VALUES (7)')
    const [view] = await stage.query('SELECT * FROM v')
    const [called] = await stage.query('SELECT f()')
    const [row] = await stage.query('SELECT word FROM t WHERE id = 7')
    const [procedure] = await stage.query('SHOW CREATE PROCEDURE p')
    const [event] = await stage.query('SHOW CREATE EVENT e')
    await stage.query('DELETE FROM t')
    return [...(view ?? []), ...(called ?? []), ...(row ?? []), procedure?.[4], event?.[5]]
  }
  const german = Array.from({ length: 5 }, () => 'latin1_german2_ci')

  async function copyOf(stage: Stage): Promise<Stage> {
    const folder = join(stage.folder, 'migrations/app')
    const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
    const copy = await openStage({
      url,
      files: Object.fromEntries(files.map((name) => [`app/${name}`, readFileSync(join(folder, name), 'utf8')])),
    })
    await run(copy, 'migrate')
    return copy
  }

  test('a baseline keeps it', async () => {
    const stage = await openStage({ url })
    await stage.query(table)
    await makeByHand(stage)
    expect(await answersOf(stage)).toEqual(german)
    await run(stage, 'baseline', '0001', '--from-live')
    await run(stage, 'drift', '--replay')
    expect(await answersOf(await copyOf(stage))).toEqual(german)
  })

  test('an accepted drift, a saved difference and a revert keep it', async () => {
    const stage = await openStage({ url, files: { 'app/0001_t.sql': migration(table) } })
    await run(stage, 'migrate')
    await makeByHand(stage)
    await run(stage, 'drift', '--accept', 'kept')
    expect(await answersOf(await copyOf(stage))).toEqual(german)
    for (const text of ['DROP VIEW v', 'DROP FUNCTION f', 'DROP PROCEDURE p', 'DROP TRIGGER tr', 'DROP EVENT e'])
      await stage.query(text)
    await run(stage, 'drift', '--revert', '--yes')
    expect(await answersOf(stage)).toEqual(german)
    await run(stage, 'drift')
  })

  test('a squash keeps it', async () => {
    const own = `${table}\nSET SESSION collation_connection = latin1_german2_ci;\n${code.map((text) => `${text};`).join('\n')}`
    const stage = await openStage({
      url,
      files: { 'app/0001_t.sql': migration(own), 'app/0002_u.sql': migration('CREATE TABLE u (id INT);') },
    })
    await run(stage, 'migrate')
    expect(await answersOf(stage)).toEqual(german)
    await run(stage, 'squash', '--to', '0002', '--yes')
    expect(await answersOf(await copyOf(stage))).toEqual(german)
  })

  test('a dump keeps it', async () => {
    const stage = await openStage({ url })
    await stage.query(table)
    await makeByHand(stage)
    const dump = await run(stage, 'schema', 'dump')
    const copy = await openStage({ url })
    for (const text of dump.split(/;\n/)) if (text.trim() !== '') await copy.query(text)
    await copy.query('SET NAMES utf8mb4')
    expect(await answersOf(copy)).toEqual(german)
  })
})
