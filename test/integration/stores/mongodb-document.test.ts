import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeMongodb, startMongodbs, type TestMongodb } from '../../helpers/mongodb/mongodb.ts'
import { runTool, type ToolRun } from '../../helpers/tool/tool.ts'

const document = readFileSync(new URL('../../../docs/guides/mongodb.md', import.meta.url), 'utf8')
const blocks = new Map(
  [...document.matchAll(/^```\w+ (\w+)\n(.*?)^```$/gms)].map(([, label = '', text = '']) => [label, text]),
)
const folder = mkdtempSync(join(tmpdir(), 'wwdb-document-'))
let servers: readonly TestMongodb[] = []

function textOf(label: string): string {
  const text = blocks.get(label)
  if (text === undefined) throw new Error(`the page has no block ${label}`)
  return text
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

/** The page's hosts are the test's servers, one by one. */
function setup(...words: readonly string[]): Promise<ToolRun> {
  const config = servers.reduce(
    (text, { address }, at) => text.replace(`db${at + 1}.example:27017`, address),
    textOf('config'),
  )
  write('wwdb.config.json', config)
  return runTool(['setup', ...words], { cwd: folder })
}

/** As the page has it: its own hosts, version, folder and times; which member is primary is chance. */
function asOnPage(text: string): string {
  return servers
    .reduce((said, { address }, at) => said.replaceAll(address, `db${at + 1}.example:27017`), text.trim())
    .replaceAll(/\b\d+\.\d+\.\d+(?=[:,]|$)/gm, '6.0.5')
    .replaceAll(/[\d.]+ m?s\)/g, '500 ms)')
    .replaceAll(/(db1\S+ answers: )\w+, MongoDB 6\.0\.5(?:, [\d,]+ ms behind)?/g, '$1PRIMARY, MongoDB 6.0.5')
    .replaceAll(
      /(db[23]\S+ answers: )\w+, MongoDB 6\.0\.5(?:, [\d,]+ ms behind)?/g,
      '$1SECONDARY, MongoDB 6.0.5, 0 ms behind',
    )
    .replaceAll(/(there is one primary: )\S+/g, '$1db1.example:27017')
    .replaceAll(/(version) \d+, term \d+/g, '$1 1, term 1')
}

it('every fenced block of the page is an example that is tested', () => {
  expect([...blocks.keys()]).toEqual('config declaration plan kinds loss function walk migrate verify'.split(' '))
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.size)
})

describeMongodb('the page about MongoDB', () => {
  beforeAll(async () => {
    servers = await startMongodbs(3)
    write('migrations/mongodb/all.yaml', textOf('declaration'))
  })

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await Promise.all(servers.map((server) => server.stop()))
  })

  it('shows the plan for fresh servers, and the proof', async () => {
    expect(asOnPage((await setup('plan')).stdout)).toBe(textOf('plan').trim())
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(asOnPage((await setup('verify')).stdout)).toBe(textOf('verify').trim())
  })

  it('runs the migrations in code, as their plan says', async () => {
    write('migrations/app.mongodb/20261201090000_accounts.ts', textOf('function'))
    write('migrations/app.mongodb/20261201093000_name_accounts.mjs', textOf('walk'))
    expect((await setup('migrate', '--dry-run')).stdout.trim()).toBe(textOf('migrate').trim())
    const url = `mongodb://${servers.map(({ address }) => address).join(',')}/?replicaSet=rs0&w=majority`
    const client = await new MongoClient(url).connect()
    const callbacks = client.db('app').collection('callbacks')
    await callbacks.insertOne({ received_at: new Date(), payload: { account: 'a' }, account: null })
    expect(await setup('migrate')).toMatchObject({ exitCode: 0 })
    expect(await callbacks.distinct('account')).toEqual(['a'])
    await callbacks.deleteMany({})
    await client.db('app').dropCollection('accounts')
    await client.close()
    expect((await setup('plan')).stdout).not.toContain('wwdb_migration')
  })

  it('shows what a shorter life would take', async () => {
    const url = `mongodb://${servers.map(({ address }) => address).join(',')}/?replicaSet=rs0&w=majority`
    const client = await new MongoClient(url).connect()
    const days = (count: number): Date => new Date(Date.now() - count * 86_400_000)
    const documents = [days(1), days(40), days(50)].map((received_at) => ({ received_at, payload: {} }))
    await client.db('app').collection('callbacks').insertMany(documents)
    await client.close()
    write('migrations/mongodb/all.yaml', textOf('declaration').replace('90 days', '30 days'))
    expect(asOnPage((await setup('plan')).stdout)).toBe(textOf('loss').trim())
    expect((await setup('apply')).exitCode).toBe(2)
  })

  it('makes the other kinds and the defaults, and finds nothing to do then', async () => {
    write('migrations/mongodb/all.yaml', textOf('declaration'))
    write('migrations/mongodb/kinds.yaml', textOf('kinds'))
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await setup('plan', '--exit-code')).toMatchObject({ exitCode: 0 })
  })
})
