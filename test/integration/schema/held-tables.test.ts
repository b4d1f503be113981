import { beforeEach, describe, expect, test } from 'vitest'
import { holdNameOf } from '../../../src/shards/shard.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const day = 86_400_000
const long = `notes_${'x'.repeat(55)}`

describe.each(['9.7', '8.0'] as const)('a table that drift moved aside on MySQL %s', (version) => {
  let stage: Stage
  beforeEach(async () => {
    const { url } = await testServerOf(version)
    stage = await openStage({ url, files: { 'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY);') } })
    await run(0, 'migrate')
  })

  async function run(exitCode: number, ...args: readonly string[]): Promise<string> {
    const ended = await stage.run(args)
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(exitCode)
    return ended.stdout + ended.stderr
  }

  async function moveAside(name: string): Promise<string> {
    await stage.query(`CREATE TABLE ${name} (id INT PRIMARY KEY)`)
    await stage.query(`INSERT INTO ${name} VALUES (1), (2)`)
    await run(0, 'drift', '--revert', '--yes', '--only', name, '--confirm', name)
    const held = (await stage.tables()).find((one) => one.startsWith('_hold_')) ?? ''
    expect(held).toBe(holdNameOf(name, Date.now()))
    return held
  }

  test.each(['notes', long])('%s is listed, not dropped in its time, and brought back', async (name) => {
    const held = await moveAside(name)
    for (const args of [['drift'], ['held'], ['held', '--drop', '--yes']]) {
      const said = (await run(0, ...args)).replaceAll(/\s+/g, ' ')
      expect(said, args.join(' ')).toContain(`${name} of app is held as ${held}`)
    }
    expect(await stage.tables()).toContain(held)
    await run(0, 'held', '--restore', name)
    expect(await stage.query(`SELECT * FROM ${name}`)).toEqual([[1], [2]])
    expect(await run(1, 'drift')).toContain('is not wanted')
    expect(await run(0, 'held')).toContain('No table is held.')
  })

  test('one whose time has ended is dropped, asked about by its name and its rows', async () => {
    const held = await moveAside('notes')
    const old = holdNameOf('notes', Date.now() - 15 * day)
    await stage.query(`RENAME TABLE ${held} TO ${old}`)
    const asked = await run(2, 'held', '--drop', '--yes')
    expect(asked).toContain('2 rows')
    expect(asked).toContain('--confirm notes')
    expect(await stage.tables()).toContain(old)
    await run(0, 'held', '--drop', '--dry-run')
    expect(await stage.tables()).toContain(old)
    await run(0, 'held', '--drop', '--only', 'notes', '--confirm', 'notes')
    expect(await stage.tables()).toEqual(['a'])
    await run(0, 'drift')
  })

  test('one whose name another table has by now stays where it is', async () => {
    const held = await moveAside('notes')
    await stage.query('CREATE TABLE notes (id INT PRIMARY KEY)')
    expect(await run(2, 'held', '--restore', 'notes')).toContain('another table has its name')
    expect(await run(64, 'held', '--restore', 'other')).toContain('No table `other` is held.')
    expect(await stage.tables()).toContain(held)
  })
})
