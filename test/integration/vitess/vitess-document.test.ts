import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { readBlocks, runGuide } from '../../helpers/tool/guide.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'

const openStage = withStages()
const vitess = withVitess([
  'user_db/0',
  'instance_db/0',
  'message_db/0',
  'contact_db/-80',
  'contact_db/80-',
  'monitor_db/0',
])

const root = resolve(import.meta.dirname, '../../..')
const page = 'docs/guides/vitess.md'
const databases = ['user_db', 'instance_db', 'message_db', 'contact_db', 'monitor_db']

/** Schemas without a prefix, as keyspaces have none: on a server of their own. */
let mysql: OwnServer | null = null
beforeAll(async () => {
  mysql = await startServer()
})
afterAll(() => mysql?.stop())

const address = (): string => mysql?.url ?? ''

/** An empty project; `stage.prefix` is none, so that the page means what it says. */
async function openProject(): Promise<Stage> {
  const stage = await openStage({ databases, create: false, url: address() })
  rmSync(join(stage.folder, 'migrations'), { recursive: true })
  return { ...stage, prefix: '' }
}

const linesOf = (text: string, pattern: RegExp): readonly string[] =>
  text.split('\n').filter((line) => pattern.test(line))

describeVitess('the platform on five keyspaces', () => {
  it('is not made by the migrations of the repository: the plan and lint name the same seven tables with a key', {
    timeout: 120_000,
  }, async () => {
    const stage = await openProject()
    cpSync(join(root, 'migrations'), join(stage.folder, 'migrations'), { recursive: true })
    const own = { vitess: { journal: 'user_db' } }
    const names = databases.map((name) => [name, own])
    stage.write('wwdb.config.json', JSON.stringify({ url: vitess().url, databases: Object.fromEntries(names) }))
    const refused = [
      'instance_db/20260101000200_create_instance_configs.sql',
      'instance_db/20260101000300_create_wework_accounts.sql',
      'message_db/20260101000200_create_message_receivers.sql',
      'user_db/20260101000400_create_user_roles.sql',
      'user_db/20260101000500_create_role_permissions.sql',
      'user_db/20260101000600_create_user_sessions.sql',
      'user_db/20260101000700_create_login_logs.sql',
    ]
    for (const command of ['plan', 'migrate --yes']) {
      const run = await stage.run(command.split(' '))
      const said = `${run.stdout}${run.stderr}`.matchAll(
        /Statement 1 of `migrations\/(\S+)` \(CREATE TABLE\) does not/g,
      )
      expect([run.exitCode, [...new Set([...said].map(([, file]) => file))].sort()], command).toEqual([2, refused])
    }
    const lint = await stage.run(['lint', '--all'])
    expect(linesOf(lint.stdout, /VTGATE_REFUSES/)).toHaveLength(refused.length)
    expect(linesOf(lint.stdout, /^migrations\/.*\.sql$/)).toEqual(
      expect.arrayContaining(refused.map((file) => `migrations/${file}`)),
    )
    expect((await stage.run(['status', '--exit-code'])).exitCode).toBe(1)
  })

  it('is made by the page from nothing, beside MySQL, and differs by keys and sequences alone', {
    timeout: 300_000,
  }, async () => {
    const stage = await openProject()
    for (const part of ['migrations', 'shard-templates'])
      cpSync(join(root, 'examples/vitess', part), join(stage.folder, part), { recursive: true })
    const shown = readBlocks(page).flatMap(({ label, text }) => {
      const [, file] = /^file=(\S+)$/.exec(label) ?? []
      return file === undefined ? [] : [[file, text] as const]
    })
    // The last version of each, but for the change that the page adds.
    for (const [file, text] of new Map(shown))
      if (!file.includes('alias')) expect(readFileSync(join(root, 'examples/vitess', file), 'utf8'), file).toBe(text)
    const servers = { 'vtgate:15306': vitess().url, '127.0.0.1:3306': address() }
    expect(await runGuide(page, { stage, servers, clients: '' })).toEqual([])

    const config = readFileSync(join(stage.folder, 'wwdb.config.json'), 'utf8')
    const scratch = `"journal":"user_db","scratchUrl":"${address().replace(/\/$/, '')}"`
    stage.write('wwdb.config.json', config.replaceAll('"journal":"user_db"', scratch))
    for (const command of ['schema diff --to applied --exit-code', 'drift --replay']) {
      const { exitCode, stdout, stderr } = await stage.run([...command.split(' '), '--env', 'vitess'])
      expect([exitCode, stdout], `${command}: ${stderr}`).toEqual([0, expect.stringContaining('No difference')])
    }

    const diff = await stage.run(['schema', 'diff', '--from', 'env:vitess', '--to', 'live'])
    const differing = linesOf(diff.stdout, /^ {2}✗/)
    expect(differing.length, diff.stderr).toBeGreaterThan(10)
    expect(differing.filter((line) => !/foreign key|table \w+_ids is not expected|option COLLATE/.test(line))).toEqual(
      [],
    )
    // The clause of a key that is missing begins behind the name of its table; nothing else differs there.
    expect(
      differing.flatMap((line) => line.replace(/^ {2}✗ table \w+: /, '').split('; ')).filter((part) => /: /.test(part)),
    ).toEqual(databases.map((name) => expect.stringContaining(`schema ${name}: option COLLATE`)))
  })

  it('has the tables that the migrations of the repository make on MySQL', { timeout: 120_000 }, async () => {
    const stage = await openProject()
    cpSync(join(root, 'migrations'), join(stage.folder, 'migrations'), { recursive: true })
    const names = Object.fromEntries(databases.map((name) => [name, {}]))
    stage.write('wwdb.config.json', JSON.stringify({ url: address(), prefix: 'own_', databases: names }))
    for (const command of ['db create', 'migrate --yes']) expect((await stage.run(command.split(' '))).exitCode).toBe(0)
    const diff = { url: address(), databases: names, environments: { own: { prefix: 'own_' } } }
    stage.write('wwdb.config.json', JSON.stringify(diff))
    const { stdout, stderr } = await stage.run(['schema', 'diff', '--from', 'env:own', '--to', 'live'])
    const families = ['contacts', 'group_members', 'groups', 'instance_monitors', 'messages', 'system_logs']
    expect(linesOf(stdout, /^ {2}✗/).toSorted(), stderr).toEqual(families.map((name) => `  ✗ table ${name} is missing`))
  })
})
