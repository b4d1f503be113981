import { existsSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Moment, moments, openWireProxy } from '../helpers/mysql/wire-proxy.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'

const openStage = withStages()
/** Every point in the soak, else two of them. */
const isSoak = env['WWDB_SOAK'] === '1'

const adopt = ['adopt', '--from', 'golang-migrate', '--files', 'old']
const undo = ['adopt', '--undo', '--yes']
const names = ['one', 'two', 'three']

/** A packet that writes to the journal. */
const writes = /^(?:CREATE TABLE IF NOT EXISTS `wwdb_journal`|[\s\S]*\b(?:INSERT|DELETE)\b[\s\S]*wwdb_journal)/

interface Point {
  readonly command: readonly string[]
  /** Which of the run's writes, from 0. */
  readonly write: number
  readonly moment: Moment
}

describe('an adoption that is killed', () => {
  let stage: Stage
  const folder = (): string => join(stage.folder, 'migrations', 'app')
  const files = (): readonly string[] => readdirSync(folder()).filter((name) => !name.endsWith('.json'))

  beforeAll(async () => {
    stage = await openStage()
    await mkdir(join(stage.folder, 'old'))
    for (const [index, name] of names.entries()) {
      await writeFile(
        join(stage.folder, 'old', `${index + 1}_${name}.up.sql`),
        `CREATE TABLE ${name} (id INT PRIMARY KEY)`,
      )
      await stage.query(`CREATE TABLE ${name} (id INT PRIMARY KEY)`)
    }
    await stage.query('CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, dirty BOOLEAN NOT NULL)')
    await stage.query('INSERT INTO schema_migrations VALUES (3, 0)')
  })

  /** Runs the tool through a proxy; returns how many writes it came to, and whether it was killed. */
  async function run(command: readonly string[], point: Omit<Point, 'command'> | null) {
    let count = 0
    let killed = false
    const proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text }, moment) => {
      if (killed) return 'drop'
      if (!writes.test(text)) return 'pass'
      const isHere = point !== null && count - (moment === 'before' ? 0 : 1) === point.write && moment === point.moment
      if (moment === 'before') count += 1
      if (!isHere) return 'pass'
      killed = true
      tool.child.kill('SIGKILL')
      await tool.ended
      return 'drop'
    })
    const tool = stage.start([...command, '--url', `mysql://root@127.0.0.1:${proxy.port}`])
    const { exitCode } = await tool.ended
    await proxy.close()
    return { count, killed, exitCode }
  }

  async function expectAdopted(): Promise<void> {
    expect(await stage.run(adopt)).toMatchObject({ exitCode: 0 })
    expect(files()).toEqual(['0001_one.sql', '0002_two.sql', '0003_three.sql'])
    expect(await stage.query('SELECT version, state FROM wwdb_journal WHERE pass > 0 ORDER BY pass')).toEqual(
      ['0001', '0002', '0003'].map((version) => [version, 'closed']),
    )
  }

  async function expectTakenBack(): Promise<void> {
    const { exitCode, stderr } = await stage.run(undo)
    // Where it was killed before its first write, or behind its last one, nothing is left to take back.
    if (exitCode !== 0) expect(stderr).toContain('Nothing was adopted')
    expect(readdirSync(folder())).toEqual([])
    const exists = (await stage.query("SHOW TABLES LIKE 'wwdb_journal'")).length > 0
    if (exists) expect(await stage.query('SELECT COUNT(*) FROM wwdb_journal WHERE pass > 0')).toEqual([[0]])
    expect(await stage.query('SELECT * FROM schema_migrations')).toEqual([[3, 0]])
  }

  test('at a write of the journal is finished by the next run, or taken back', async () => {
    const found: Point[] = []
    for (const command of [adopt, undo]) {
      const { count, exitCode } = await run(command, null)
      expect(exitCode).toBe(0)
      expect(count).toBeGreaterThan(0)
      for (let write = 0; write < count; write += 1)
        found.push(...moments.map((moment) => ({ command, write, moment })))
    }
    const chosen = isSoak ? found : [found[4], found.at(-2)].filter((point) => point !== undefined)
    for (const [index, point] of chosen.entries()) {
      await stage.query('DROP TABLE IF EXISTS wwdb_journal')
      if (point.command === undo) await expectAdopted()
      const killed = await run(point.command, point)
      expect(killed, JSON.stringify(point)).toMatchObject({ killed: true, exitCode: null })
      if (index % 2 === 0) await expectAdopted()
      await expectTakenBack()
    }
    process.stdout.write(`adopt: killed at ${chosen.length} of ${found.length} points\n`)
  })

  test('at a file is finished by the next run, or taken back', async () => {
    await expectAdopted()
    const list = await readFile(join(folder(), '.wwdb-adopted.json'), 'utf8')
    const written = await Promise.all(
      files().map(async (name) => [name, await readFile(join(folder(), name), 'utf8')] as const),
    )
    await expectTakenBack()
    // Each file is renamed into its place: a kill leaves the list, the first files, and the draft of the next one.
    for (const count of isSoak ? [0, 1, 2, 3] : [0, 2]) {
      for (const finish of [expectTakenBack, expectAdopted]) {
        rmSync(folder(), { recursive: true })
        await mkdir(folder())
        await writeFile(join(folder(), '.wwdb-adopted.json'), list)
        for (const [name, text] of written.slice(0, count)) await writeFile(join(folder(), name), text)
        const [next] = written[count] ?? []
        if (next !== undefined) await writeFile(join(folder(), `.${next}.new`), 'CREATE TA')
        await finish()
        expect(existsSync(join(folder(), `.${next}.new`))).toBe(false)
      }
    }
  })
})
