import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProvisionStage, withProvisionStages } from '../helpers/provision/provision-project.ts'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import type { ToolRun } from '../helpers/tool/tool.ts'
import { isSoak } from './support/seed.ts'

let server: OwnServer
let stage: ProvisionStage

afterAll(() => server.stop())

// Clears up before the server is gone: what is registered last comes first.
const open = withProvisionStages()

beforeAll(async () => {
  server = await startServer()
  stage = await open({ server: server.url })
})

/** In a process of its own, as that which is killed or runs beside it: an owner of test environments is a user on a machine. */
const provision = (words: readonly string[]): Promise<ToolRun> => stage.start(['provision', ...words]).ended

type Rows = readonly (readonly unknown[])[]

async function ask(sql: string): Promise<Rows> {
  const connection = await createConnection({ uri: server.url, rowsAsArray: true })
  try {
    const [rows] = await connection.query(sql)
    return rows as unknown as Rows
  } finally {
    await connection.end()
  }
}

const ours = `SCHEMA_NAME LIKE 'wwdb\\_%' AND SCHEMA_NAME<>'wwdb_provision'`

/** Schemas of ours that the registry does not have. */
const strangers = () =>
  ask(
    `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE ${ours} AND SCHEMA_NAME NOT IN (SELECT schema_name FROM wwdb_provision.\`schemas\`)`,
  )

const schemasLeft = async (): Promise<Rows> => ask(`SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE ${ours}`)

/** Removes everything; where a killed run's connection still holds a name for a moment, again. */
async function clear(): Promise<void> {
  await expect
    .poll(async () => {
      await provision(['gc', '--older-than', '0'])
      return schemasLeft()
    })
    .toEqual([])
  expect(await ask('SELECT name FROM wwdb_provision.sets')).toEqual([])
  expect(await ask('SELECT schema_name FROM wwdb_provision.`schemas`')).toEqual([])
}

/** A set that does what sets are for. */
async function expectSound(name: string): Promise<void> {
  const environment = { WWDB_PREFIX: `wwdb_${name}_` }
  const status = await stage.run(['status', '--exit-code'], { environment })
  expect(status, status.stderr).toMatchObject({ exitCode: 0 })
  expect(await ask(`SELECT name, total FROM wwdb_${name}_shop.buyers`)).toEqual([['ann', '9.50']])
}

describe('several at once', () => {
  test('eight that ask together without a template make one, and eight sound sets', async () => {
    const names = Array.from({ length: 8 }, () => stage.name())
    const ups = await Promise.all(names.map((name) => provision(['up', '--name', name])))
    for (const up of ups) expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    expect(ups.filter(({ stderr }) => stderr.includes('Creating the template'))).toHaveLength(1)
    for (const name of names) await expectSound(name)
    expect(await ask(`SELECT COUNT(*) FROM wwdb_provision.sets WHERE kind='template'`)).toEqual([[1]])
    const downs = await Promise.all(names.map((name) => provision(['down', '--name', name])))
    for (const down of downs) expect(down, down.stderr).toMatchObject({ exitCode: 0 })
    await clear()
  })

  test('eight runs want one name: one gets it, and the others fail with a sentence', async () => {
    const name = stage.name()
    const ups = await Promise.all(Array.from({ length: 8 }, () => provision(['up', '--name', name])))
    expect(ups.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1)
    for (const { exitCode, stderr } of ups)
      if (exitCode !== 0) expect(stderr).toMatch(/TEST_ENVIRONMENT_BUSY|TEST_ENVIRONMENT_EXISTS/)
    await expectSound(name)
  })

  test('gc beside those that go up takes none of theirs', async () => {
    const names = Array.from({ length: 4 }, () => stage.name())
    const cleaning = Array.from({ length: 4 }, () => provision(['gc']))
    const ups = await Promise.all(names.map((name) => provision(['up', '--name', name])))
    for (const gc of await Promise.all(cleaning)) expect(gc, gc.stderr).toMatchObject({ exitCode: 0 })
    for (const up of ups) expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    for (const name of names) await expectSound(name)
    await clear()
  })
})

/** Tables of ours on the server: how far an `up` that makes its template first, then its set, has come. */
async function countTables(): Promise<number> {
  const [row] = await ask(
    `SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE 'wwdb\\_%' AND TABLE_SCHEMA<>'wwdb_provision'`,
  )
  return Number(row?.[0])
}

async function countRegistered(): Promise<number> {
  return Number((await ask('SELECT COUNT(*) FROM wwdb_provision.sets').catch(() => [[0]]))[0]?.[0])
}

describe('an up that is killed', () => {
  /** With the template made in the same run there are some 12 tables in it, then as many in the set. */
  const points = isSoak
    ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]
    : [0, 1, 6, 13, 18]

  test.each(points)(
    'when %i tables are there leaves only what gc removes, and hinders no other process',
    async (tables) => {
      await clear()
      const name = stage.name()
      const running = stage.start(['provision', 'up', '--name', name])
      while (running.child.exitCode === null && ((await countRegistered()) === 0 || (await countTables()) < tables));
      running.child.kill('SIGKILL')
      await running.ended
      expect(await strangers()).toEqual([])
      if (tables % 2 === 0) {
        // The next one of the same name clears the way for itself; after the last step there is nothing to clear: the set is there.
        await expect
          .poll(async () => {
            const { exitCode, stderr } = await provision(['up', '--name', name])
            return exitCode === 0 || stderr.includes('TEST_ENVIRONMENT_EXISTS')
          })
          .toBe(true)
        await expectSound(name)
      }
      await clear()
    },
  )
})

describe('a snapshot that is killed', () => {
  /** Some 12 tables are copied. */
  const points = isSoak ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [0, 1, 5, 11]

  test.each(points)('when %i of its tables are there is not taken for whole, and hinders nobody', async (tables) => {
    const name = stage.name()
    expect(await provision(['up', '--name', name])).toMatchObject({ exitCode: 0 })
    await ask(`INSERT INTO wwdb_${name}_people.people (name) VALUES ('carl')`)
    const registered = await countRegistered()
    const present = await countTables()
    const running = stage.start(['provision', 'snapshot', 'full', '--name', name])
    while (
      running.child.exitCode === null &&
      ((await countRegistered()) === registered || (await countTables()) < present + tables)
    );
    running.child.kill('SIGKILL')
    await running.ended
    expect(await strangers()).toEqual([])
    const [state] = await ask(`SELECT state FROM wwdb_provision.sets WHERE name='snapshot/${name}/full'`)
    const restored = await provision(['restore', 'full', '--name', name])
    // The last table is there before the last row: a kill then may come late.
    if (state?.[0] === 'ready') expect(restored, restored.stderr).toMatchObject({ exitCode: 0 })
    else expect(restored.stderr).toContain('TEST_SNAPSHOT_UNKNOWN')
    // Its connections may live for a moment, and hold the name.
    const again = await provision(['snapshot', 'full', '--name', name])
    expect(again, again.stderr).toMatchObject({ exitCode: 0 })
    await ask(`DELETE FROM wwdb_${name}_people.people WHERE name='carl'`)
    expect(await provision(['restore', 'full', '--name', name])).toMatchObject({ exitCode: 0 })
    expect(await ask(`SELECT name FROM wwdb_${name}_people.people ORDER BY id`)).toEqual([['ann'], ['bob'], ['carl']])
    await clear()
  })
})

test('one after another leaves nothing behind', async () => {
  for (let count = 0; count < (isSoak ? 200 : 4); count += 1) {
    const name = stage.name()
    const up = await provision(['up', '--name', name])
    expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    if (count % 2 === 0) expect(await provision(['down', '--name', name])).toMatchObject({ exitCode: 0 })
  }
  await clear()
})
