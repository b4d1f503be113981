import { beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc } from '../../helpers/operate/pt-osc.ts'
import { standInFor } from '../../helpers/operate/stand-in.ts'
import { isAvailable, testServerOf } from '../../helpers/servers/servers.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const template = (n: string): string =>
  `-- wwdb:keys app.owners(id)\n-- wwdb:name things_{key}\nCREATE TABLE {{table}} (\n  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,\n  code VARCHAR(20) NOT NULL,\n  n ${n}\n) ENGINE=InnoDB;\n`

const change = (alter = 'ALTER TABLE {{table}} MODIFY n BIGINT', mark = ''): string =>
  `-- wwdb:shards things\n-- migrate:up\n-- wwdb:online${mark}\n${alter};\n-- migrate:down\nALTER TABLE {{table}} MODIFY n INT;\n`

const owners =
  '-- migrate:up\nCREATE TABLE owners (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO owners (id) VALUES (1), (2), (3);\n-- migrate:down\nDROP TABLE owners;\n'

const keys = [1, 2, 3]
const file = 'app/0002_wider.sql'

/** Three shards of 300 rows, and a change of all that has not run. */
async function openFamily(version: '9.7' | '8.0', configuration: object = {}, text = change()): Promise<Stage> {
  const { url } = await testServerOf(version)
  const stage = await openStage({
    url,
    files: { 'app/0001_owners.sql': owners, 'shard-templates/app/things.sql': template('INT') },
    configuration: { online: { inplace: '0' }, ...configuration },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  for (const key of keys) {
    await stage.query(`INSERT INTO things_${key} (code, n) VALUES ('first', ${key})`)
    for (let count = 1; count < 300; count *= 2)
      await stage.query(
        `INSERT INTO things_${key} (code, n) SELECT CONCAT('code ', id + ${count}), n + ${count} FROM things_${key} LIMIT ${300 - count}`,
      )
  }
  stage.write(file, text)
  stage.write('shard-templates/app/things.sql', template('BIGINT'))
  return stage
}

const typeOf = async (stage: Stage, key: number): Promise<string> => {
  const [column] = await stage.query(`SHOW COLUMNS FROM things_${key} LIKE 'n'`)
  return String(column?.[1]).replace(/\(\d+\)/, '')
}
const types = async (stage: Stage): Promise<readonly string[]> => {
  const found: string[] = []
  for (const key of keys) found.push(await typeOf(stage, key))
  return found
}
const others = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.query('SHOW TABLES'))
    .map(([name]) => String(name).replace(/\d{8}_[0-9a-f]{8}/, 'X'))
    .filter((name) => name.startsWith('_'))
    .toSorted()
const said = (run: { readonly stdout: string; readonly stderr: string }): string =>
  (run.stdout + run.stderr).replace(/\s+/g, ' ')

const places = [
  ['9.7', 'pt-osc'],
  ['8.0', 'pt-osc'],
  ['9.7', 'gh-ost'],
  ['9.7', 'spirit'],
] as const

describe.each(places.filter(([, tool]) => tool !== 'pt-osc' || isAvailable('pt-osc')))(
  'an online change of every shard, MySQL %s, by %s',
  (version, tool) => {
    let environment: Record<string, string> = {}

    beforeAll(async () => {
      if (tool !== 'pt-osc') {
        const standIn = await standInFor(tool)
        environment = { ...standIn.variables }
        return () => standIn.remove()
      }
      environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
      return undefined
    })

    test('is made by a copy of one shard after another, each compared and swapped, and each statement runs once', async () => {
      const stage = await openFamily(version, { online: { inplace: '0', tool } })
      await stage.query('ALTER TABLE things_2 AUTO_INCREMENT=5000')
      const planned = await stage.run(['plan'])
      expect(said(planned)).toMatch(/one shard after another/)
      const run = await stage.run(['migrate', '--yes'], { environment })
      expect(run, said(run)).toMatchObject({ exitCode: 0 })
      for (const key of keys) {
        expect(said(run)).toContain(`changed \`things_${key}\` by a copy. 300 rows were compared`)
        expect(await stage.query(`SELECT COUNT(*), MIN(n) FROM things_${key}`)).toEqual([[300, key]])
      }
      expect(await types(stage)).toEqual(['bigint', 'bigint', 'bigint'])
      await stage.query("INSERT INTO things_2 (code) VALUES ('next')")
      expect(await stage.query('SELECT MAX(id) FROM things_2')).toEqual([[5000]])
      expect(await others(stage)).toEqual(keys.map((key) => `_hold_X_things_${key}`))
      expect(await stage.query('SHOW TRIGGERS')).toEqual([])
      expect(await stage.query('SELECT version,state FROM wwdb_shard_online ORDER BY 1')).toEqual(
        keys.map((key) => [`0002/${key}`, 'held']),
      )
      expect(await stage.query('SELECT state,COUNT(*) FROM wwdb_shard_journal GROUP BY 1')).toEqual([['closed', 3]])
      const again = await stage.run(['migrate', '--yes'], { environment })
      expect(again).toMatchObject({ exitCode: 0 })
      expect(await others(stage)).toHaveLength(3)
      const list = await stage.run(['online', 'list'])
      for (const key of keys) expect(said(list)).toContain(`things_${key}`)
      expect(said(await stage.run(['held']))).toContain('things_2')
      expect(await stage.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
      expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    })
  },
)

describe('an online change of every shard', () => {
  let environment: Record<string, string> = {}

  beforeAll(async () => {
    const standIn = await standInFor('gh-ost')
    environment = { ...standIn.variables }
    return () => standIn.remove()
  })

  const open = (text = change()): Promise<Stage> =>
    openFamily('9.7', { online: { inplace: '0', tool: 'gh-ost' } }, text)
  const trigger = (key: number): string =>
    `CREATE TRIGGER watch BEFORE INSERT ON things_${key} FOR EACH ROW SET NEW.code = UPPER(NEW.code)`

  test('leaves a shard as it is that cannot be changed, within the budget, and the next run changes that one alone', async () => {
    const stage = await open()
    await stage.query(trigger(2))
    const run = await stage.run(['migrate', '--yes', '--error-budget', '1'], { environment })
    expect(run, said(run)).toMatchObject({ exitCode: 2 })
    expect(said(run)).toContain('`things_2` cannot be changed by gh-ost. It has the triggers `watch`')
    expect(await types(stage)).toEqual(['bigint', 'int', 'bigint'])
    await stage.query('DROP TRIGGER watch')
    const again = await stage.run(['migrate', '--yes'], { environment })
    expect(again, said(again)).toMatchObject({ exitCode: 0 })
    expect(said(again)).toContain('changed `things_2` by a copy')
    expect(said(again)).not.toContain('`things_3` by a copy')
    expect(await others(stage)).toEqual(keys.map((key) => `_hold_X_things_${key}`))
  })

  test('is planned with what a tool left of a shard, which the change of that shard would refuse', async () => {
    const stage = await open()
    await stage.query('CREATE TABLE _things_2_gho LIKE things_2')
    const planned = said(await stage.run(['plan']))
    expect(planned).toMatch(/online, one shard after another: .* in all; the largest, things_\d, has/)
    expect(planned).toMatch(
      /gh-ost left `_things_2_gho` \(.*\) of `things_2`, which the plan alters; when no such tool runs/,
    )
  })

  test('touches no other shard where the first one cannot be changed', async () => {
    const stage = await open()
    await stage.query(trigger(1))
    const run = await stage.run(['migrate', '--yes', '--error-budget', '5'], { environment })
    expect(run, said(run)).toMatchObject({ exitCode: 2 })
    expect(await types(stage)).toEqual(['int', 'int', 'int'])
    expect(await others(stage)).toEqual([])
  })

  test('is made instantly where the server can, without a tool', async () => {
    const stage = await open(change('ALTER TABLE {{table}} ADD COLUMN extra INT'))
    stage.write('shard-templates/app/things.sql', template('INT,\n  extra INT'))
    const run = await stage.run(['migrate', '--yes'], { environment: { PATH: '/nowhere' } })
    expect(run, said(run)).toMatchObject({ exitCode: 0 })
    for (const key of keys) expect(said(run)).toContain(`changed \`things_${key}\` instantly`)
  })

  test('is rolled back on every shard, and one shard alone is not taken back', async () => {
    const stage = await open()
    expect(await stage.run(['migrate', '--yes'], { environment })).toMatchObject({ exitCode: 0 })
    const refused = await stage.run(['online', 'revert', 'things_2', '--yes'])
    expect(refused.exitCode).toBe(2)
    expect(said(refused)).toContain('`things_2` is a shard, and its migration ran on every shard of its family.')
    stage.write(file, change().replace('migrate:down\n', 'migrate:down\n-- wwdb:online\n'))
    const back = await stage.run(['rollback', '--yes', '--no-probe'], { environment })
    expect(back, said(back)).toMatchObject({ exitCode: 0 })
    expect(said(back)).toContain('changed `things_3` by a copy')
    expect(await types(stage)).toEqual(['int', 'int', 'int'])
  })
})
