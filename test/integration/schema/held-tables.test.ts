import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { holdNameOf } from '../../../src/shards/shard.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const day = 86_400_000
const long = `notes_${'x'.repeat(55)}`

describe.each(versionsInTurn(import.meta.url))('a table that drift moved aside on MySQL %s', (version) => {
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
      expect(said, args.join(' ')).toContain(`${name} of app is on hold as ${held}`)
    }
    expect(await stage.tables()).toContain(held)
    await run(0, 'held', '--restore', name)
    expect(await stage.query(`SELECT * FROM ${name}`)).toEqual([[1], [2]])
    expect(await run(1, 'drift')).toContain('is not expected')
    expect(await run(0, 'held')).toContain('No table is on hold.')
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

  test('status and doctor say which are held and which are past their grace, and the configuration sets it', async () => {
    const held = await moveAside('notes')
    expect((await run(0, 'status')).replaceAll(/\s+/g, ' ')).toContain('1 table is held: `wwdb held` lists it.')
    const doctor = async (): Promise<readonly { readonly code: string; readonly what: string }[]> => {
      const { answer } = await stage.json(['doctor'])
      const findings = answer['findings'] as readonly { readonly code: string; readonly what: string }[]
      return findings.filter(({ code }) => code === 'table-held')
    }
    expect(await doctor()).toMatchObject([
      {
        what: '1 table of `app` is held: `notes`.',
        why: 'No migration made it, and it has rows: nothing but a person drops it or brings it back.',
      },
    ])

    const old = holdNameOf('notes', Date.now() - 3 * day)
    await stage.query(`RENAME TABLE ${held} TO ${old}`)
    await run(0, 'held', '--drop', '--yes', '--confirm', 'notes')
    expect(await stage.tables()).toContain(old)
    const file = readFileSync(join(stage.folder, 'wwdb.config.json'), 'utf8')
    stage.write('wwdb.config.json', JSON.stringify({ ...JSON.parse(file), drift: { grace: '2 days' } }))
    expect((await run(0, 'config', 'show')).replaceAll(/\s+/g, ' ')).toContain('drift.grace 2 days')
    expect((await run(0, 'status')).replaceAll(/\s+/g, ' ')).toContain(
      '1 table is held, 1 past its grace (notes): `wwdb held` lists it.',
    )
    const said = (await run(0, 'held')).replaceAll(/\s+/g, ' ')
    expect(said).toContain('; its hold time ended on ')
    expect(said).toContain('1 table is on hold; its hold time has ended.')
    expect(await doctor()).toMatchObject([{ what: '1 table of `app` is held, 1 past its grace: `notes`.' }])
    await run(0, 'held', '--drop', '--only', 'notes', '--confirm', 'notes')
    expect(await doctor()).toEqual([])
    expect(await run(0, 'status')).not.toContain('held')
  })

  test('the day on which it was moved does not count: its grace is whole', async () => {
    const held = await moveAside('notes')
    await stage.query(`RENAME TABLE ${held} TO ${holdNameOf('notes', Date.now() - 14 * day)}`)
    await run(0, 'held', '--drop', '--only', 'notes', '--confirm', 'notes')
    expect(await stage.tables()).toHaveLength(2)
  })

  test('one whose name another table has by now stays where it is', async () => {
    const held = await moveAside('notes')
    await stage.query('CREATE TABLE notes (id INT PRIMARY KEY)')
    expect(await run(2, 'held', '--restore', 'notes')).toContain('another table has its name')
    expect(await run(64, 'held', '--restore', 'other')).toContain('No table `other` is on hold.')
    expect(await stage.tables()).toContain(held)
  })
})
