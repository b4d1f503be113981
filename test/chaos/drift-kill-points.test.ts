import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Moment, moments, openWireProxy } from '../helpers/mysql/wire-proxy.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'
import type { ToolRun } from '../helpers/tool/tool.ts'
import { type DiskPoint, listDiskPoints, runOnDisk } from './support/dying-disk.ts'
import { longest, randomFrom, sample, seed } from './support/seed.ts'

const openStage = withStages()
console.error(`Chaos of drift: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

const up = `CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL, KEY idx_name (name));
INSERT INTO users VALUES (1, 'one'), (2, 'two');
CREATE TABLE kept (id INT PRIMARY KEY, note VARCHAR(20));
INSERT INTO kept VALUES (1, 'kept');
CREATE VIEW names AS SELECT name FROM users;
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;`

/** What a person did to it: no table of the schema loses rows by any answer. */
const byHand = [
  'ALTER TABLE users ADD COLUMN note INT NULL, DROP INDEX idx_name',
  'ALTER TABLE kept ADD KEY by_hand (note)',
  'DROP VIEW names',
  'CREATE VIEW others AS SELECT id FROM kept',
  'DROP FUNCTION twice',
  'ALTER DATABASE CHARACTER SET latin1',
  'CREATE TRIGGER by_hand BEFORE INSERT ON kept FOR EACH ROW SET NEW.note = 1',
]

const accept = ['drift', '--accept', 'by_hand']
const revert = ['drift', '--revert', '--no-probe', '--yes', '--allow', 'drop-column', '--allow', 'drop-index']

/** What changes something on the server: statements of the schema, the journal and the record. */
const writes = /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|RENAME|START TRANSACTION|BEGIN|COMMIT)\b/

interface WirePoint {
  readonly write: number
  readonly moment: Moment
  readonly what: string
}

type Point = { readonly disk: DiskPoint } | { readonly wire: WirePoint }

describe.each(versionsInTurn(import.meta.url))('an answer to drift on MySQL %s', (version) => {
  let stage: Stage
  const folder = (): string => join(stage.folder, 'migrations', 'app')

  beforeAll(async () => {
    const { url } = await testServerOf(version)
    stage = await openStage({ url, files: { 'app/0001_all.sql': migration(up) } })
  })

  const run = async (args: readonly string[]): Promise<ToolRun> => {
    const ended = await stage.run(args)
    expect(ended, `${args.join(' ')}: ${ended.stderr}`).toMatchObject({ exitCode: 0 })
    return ended
  }

  /** A database that a person has changed since the last run. */
  async function prepare(): Promise<void> {
    const schema = stage.schema('app')
    await stage.query(`DROP DATABASE ${schema}`)
    await stage.query(`CREATE DATABASE ${schema}`)
    rmSync(folder(), { recursive: true })
    mkdirSync(folder())
    writeFileSync(join(folder(), '0001_all.sql'), migration(up))
    await run(['validate', '--write-sum'])
    await run(['migrate'])
    for (const text of byHand) await stage.query(text)
  }

  /** Runs the tool through a proxy, and kills it at one of its writes to the server; returns these writes. */
  async function runOnWire(args: readonly string[], point: WirePoint | null) {
    const found: string[] = []
    const places = new Map<string, number>()
    let isKilled = false
    const proxy = await openWireProxy(Number(new URL(stage.url).port), async (command, moment) => {
      if (isKilled) return 'drop'
      if (!writes.test(command.text)) return 'pass'
      const place = `${command.connection}/${command.index}`
      if (moment === 'before') {
        places.set(place, found.length)
        found.push(command.text.slice(0, 120))
      }
      if (point === null || places.get(place) !== point.write || moment !== point.moment) return 'pass'
      isKilled = true
      tool.child.kill('SIGKILL')
      await tool.ended
      return 'drop'
    })
    const tool = stage.start([...args, '--url', `mysql://root@127.0.0.1:${proxy.port}`])
    const ended = await tool.ended
    await proxy.close()
    return { run: ended, writes: found }
  }

  /** All that a person has: definitions, rows, files but for their versions, which are moments, and the journal without what is not closed. */
  async function readEnd() {
    const dump = (await run(['schema', 'dump'])).stdout
    const names = readdirSync(folder()).filter((name) => !name.startsWith('.'))
    const files = names.map((name) => [
      name.replace(/^\d{4,}_/, ''),
      name.endsWith('.sum') ? '' : readFileSync(join(folder(), name), 'utf8'),
    ])
    return {
      dump,
      files,
      rows: [await stage.query('SELECT id, name FROM users'), await stage.query('SELECT * FROM kept')],
      left: await stage.query("SELECT version, state FROM wwdb_journal WHERE state <> 'closed'"),
      drift: (await stage.run(['drift'])).exitCode,
      pending: (await stage.run(['status', '--exit-code'])).exitCode,
      files_are: (await stage.run(['validate'])).exitCode,
    }
  }

  type End = Awaited<ReturnType<typeof readEnd>>

  /** Kills a run at a point, and says what is not as it should be after the next one. */
  async function survive(args: readonly string[], point: Point, wanted: End, at: number): Promise<readonly string[]> {
    const place = 'disk' in point ? point.disk : point.wire
    await prepare()
    const { run: killed } =
      'disk' in point ? await runOnDisk(stage, args, point.disk) : await runOnWire(args, point.wire)
    // Another run in between settles what is open, and stops at what differs.
    const between = at % 2 === 1 ? await stage.run(['migrate']) : null
    const again = await stage.run(args)
    const found = await readEnd()
    const where = `${args.join(' ')} killed ${place.moment} ${place.write}: ${place.what}${between === null ? '' : `, then migrate: ${between.exitCode} ${between.stderr}`}`
    const differing = Object.entries(wanted).filter(
      ([name, value]) => JSON.stringify(found[name as keyof End]) !== JSON.stringify(value),
    )
    return [
      ...(killed.signal === 'SIGKILL' ? [] : [`it was not killed: ${killed.exitCode} ${killed.stderr}`]),
      ...(again.exitCode === 0 ? [] : [`the next run ended with ${again.exitCode}: ${again.stderr}`]),
      ...differing.map(
        ([name, value]) => `${name} is ${JSON.stringify(found[name as keyof End])} instead of ${JSON.stringify(value)}`,
      ),
    ].map((problem) => `${where}: ${problem}`)
  }

  test.each([
    ['revert', revert, 1],
    ['accept', accept, 2],
  ] as const)(
    'that is killed at a write is finished by the next run: %s',
    async (_, args, files) => {
      await prepare()
      const wire = await runOnWire(args, null)
      expect(wire.run, wire.run.stderr).toMatchObject({ exitCode: 0 })
      const wanted = await readEnd()
      expect(wanted).toMatchObject({ drift: 0, pending: 0, files_are: 0, left: [] })
      expect(wanted.files).toHaveLength(files + 1)
      await prepare()
      const disk = await runOnDisk(stage, args, null)
      expect(disk.run, disk.run.stderr).toMatchObject({ exitCode: 0 })
      const points: readonly Point[] = [
        ...wire.writes.flatMap((what, write) => moments.map((moment) => ({ wire: { write, moment, what } }))),
        ...listDiskPoints(disk.writes).map((one) => ({ disk: one })),
      ]
      const chosen = sample(points, 2, randomFrom(seed))
      const problems: string[] = []
      for (const [at, point] of chosen.entries()) problems.push(...(await survive(args, point, wanted, at)))
      console.error(`MySQL ${version}, drift --${_}: killed at ${chosen.length} of ${points.length} points`)
      expect(problems).toEqual([])
    },
    longest,
  )

  test(
    'that was killed leaves what it did not take back as drift, also behind a migration',
    async () => {
      await prepare()
      const { writes: all } = await runOnWire(revert, null)
      const write = all.findIndex((text) => text.startsWith('DROP VIEW'))
      await prepare()
      const { run: killed } = await runOnWire(revert, { write, moment: 'before', what: 'the view is to be dropped' })
      expect(killed).toMatchObject({ signal: 'SIGKILL' })
      const found = (await stage.run(['drift'])).stdout
      expect(found).toContain('others')
      writeFileSync(join(folder(), '0002_more.sql'), migration('CREATE TABLE more (id INT PRIMARY KEY);'))
      await run(['validate', '--write-sum'])
      await run(['migrate'])
      expect((await stage.run(['drift'])).stdout).toBe(found)
      await run(revert)
      expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    },
    longest,
  )
})
