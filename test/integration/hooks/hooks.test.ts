import { spawnSync } from 'node:child_process'
import { accessSync, constants, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, expect, test } from 'vitest'
import type { FamilyOutcome } from '../../../src/shards/answers.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** Where a hook gets a control group of its own; null where this user may not make one. */
const cgroupFolder = findCgroupFolder()
const hasCgroups = cgroupFolder !== null
const withoutCgroup =
  'Its process group was ended, and every other process whose environment shows that the hook started it'
const whatEnded = hasCgroups ? 'Every process of its control group was ended' : withoutCgroup

function findCgroupFolder(): string | null {
  try {
    const mount = / (\S+) cgroup2 /.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1] ?? ''
    const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? ''
    accessSync(join(mount, path, 'cgroup.procs'), constants.W_OK)
    accessSync(join(mount, path), constants.W_OK)
    return join(mount, path)
  } catch {
    return null
  }
}
const root = new URL('../../../', import.meta.url)
const isDocument = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(new URL('schemas/hook.schema.json', root), 'utf8')),
)

interface Document {
  readonly event: string
  readonly [member: string]: unknown
}

/** A hook that keeps what it reads, and ends as it is notified. */
const keep = (then = '') => `cat >> heard.ndjson; ${then}`

/** What the hooks of a project have read, each checked against the published schema. */
function heardBy(project: Stage): readonly Document[] {
  const file = join(project.folder, 'heard.ndjson')
  if (!existsSync(file)) return []
  const documents = readFileSync(file, 'utf8').trimEnd().split('\n')
  return documents.map((line) => {
    const document: Document = JSON.parse(line)
    expect(isDocument(document), JSON.stringify(isDocument.errors)).toBe(true)
    return document
  })
}

const everything = { run: keep(), migration: keep(), rotation: keep() }
const two = { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') }

test('hooks around a run and its migrations read who runs what, and no password', async () => {
  const secret = migration("CREATE TABLE a (id INT);\nSET @app_password = 'hunter2-secret';", 'DROP TABLE a;')
  const project = await stage({
    files: { ...two, 'app/0001_a.sql': secret },
    configuration: { hooks: { before: everything, after: everything } },
  })
  expect(await project.run(['migrate', '--no-probe'])).toMatchObject({ exitCode: 0 })
  const heard = heardBy(project)
  expect(heard.map(({ event }) => event)).toEqual([
    'before.run',
    ...['before.migration', 'after.migration', 'before.migration', 'after.migration'],
    'after.run',
  ])
  const [run] = (await project.query('SELECT run_id, plan_digest FROM wwdb_runs'))[0] ?? []
  expect(heard[0]).toMatchObject({
    ...{ version: 1, run, command: 'migrate', person: 'test', environment: null, protected: false },
    targets: [{ database: 'app', schema: project.schema('app'), planDigest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  })
  expect(heard[1]).toMatchObject({
    migration: {
      ...{ database: 'app', version: '0001', name: 'a', file: 'migrations/app/0001_a.sql', direction: 'up', total: 2 },
      statements: [
        { line: 2, summary: 'CREATE TABLE a', sql: 'CREATE TABLE a (id INT)' },
        { sql: "SET @app_password = '***'" },
      ],
    },
  })
  expect(heard[2]).toMatchObject({ end: { outcome: 'done', error: null } })
  expect(heard[5]).toMatchObject({ end: { outcome: 'done', exitCode: 0, error: null } })
  expect(JSON.stringify(heard)).not.toContain('hunter2-secret')
})

test('plans, dry runs, reading commands and a run with nothing to do call no hook', async () => {
  const project = await stage({ files: two, configuration: { hooks: { before: everything, after: everything } } })
  for (const words of [['plan'], ['migrate', '--dry-run'], ['status'], ['history'], ['db', 'drop', '--dry-run']])
    await project.run(words)
  expect(heardBy(project)).toEqual([])
  await project.run(['migrate', '--no-probe'])
  const { length } = heardBy(project)
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 0 })
  expect(heardBy(project)).toHaveLength(length)
})

test('a hook before a run forbids it with its first line, and nothing is done', async () => {
  const hooks = { before: { run: keep('echo "  The books are closed"; echo more; exit 3') }, after: { run: keep() } }
  const project = await stage({ files: two, configuration: { hooks } })
  const { exitCode, answer } = await project.json(['migrate', '--no-probe'])
  expect(exitCode).toBe(2)
  expect(answer).toMatchObject({
    code: 'HOOK_VETOED',
    faults: [{ what: 'The books are closed.', why: expect.stringContaining('exit code 3') }],
  })
  expect(await project.query('SHOW TABLES')).toEqual([])
  expect(heardBy(project).map(({ event }) => event)).toEqual(['before.run'])
  // Its environment takes the hook away, and the lock was given back.
  const free = { ...hooks, before: { run: false } }
  project.write(
    'wwdb.config.json',
    readFileSync(join(project.folder, 'wwdb.config.json'), 'utf8').replace(
      /}\s*$/,
      `,"environments":{"free":{"hooks":${JSON.stringify(free)}}}}`,
    ),
  )
  expect(await project.run(['migrate', '--no-probe', '--env', 'free'])).toMatchObject({ exitCode: 0 })
})

test('a hook before a migration stops the run there, with its journal true', async () => {
  const project = await stage({
    files: { ...two, 'app/0003_c.sql': tableMigration('c') },
    configuration: {
      hooks: {
        before: { migration: 'grep -q 0002 && { echo "0002 has no ticket" >&2; exit 1; }; exit 0' },
        after: { run: keep() },
      },
    },
  })
  const { exitCode, answer } = await project.json(['migrate', '--no-probe'])
  expect(exitCode).toBe(2)
  expect(answer).toMatchObject({
    outcomes: [
      {
        state: 'failed',
        code: 'HOOK_VETOED',
        done: ['0001_a'],
        notDone: ['0002_b', '0003_c'],
        fault: { what: '0002 has no ticket.', where: { file: 'migrations/app/0002_b.sql' } },
      },
    ],
  })
  expect(await project.tables()).toEqual(['a'])
  expect(await project.query("SELECT version, state FROM wwdb_journal WHERE version IN ('0002', '0003')")).toEqual([])
  expect(heardBy(project)).toMatchObject([
    { event: 'after.run', end: { outcome: 'failed', error: { code: 'HOOK_VETOED' } } },
  ])
})

test('hooks after a migration and a run that failed read the error', async () => {
  const project = await stage({
    files: { 'app/0001_a.sql': migration('CREATE TABLE a (id INT);\nALTER TABLE a ADD INDEX (nme);') },
    configuration: { hooks: { after: everything } },
  })
  expect(await project.run(['migrate', '--no-probe'])).toMatchObject({ exitCode: 2 })
  expect(heardBy(project)).toMatchObject([
    { event: 'after.migration', end: { outcome: 'failed', error: { code: 'STATEMENT_FAILED' } } },
    { event: 'after.run', end: { outcome: 'failed', exitCode: 2, error: { code: 'STATEMENT_FAILED' } } },
  ])
})

test('a hook that takes too long is ended with all that it started, and forbids the run', async () => {
  const hook = { command: ['sh', '-c', 'sleep 300 & echo $! > child; wait'], timeout: '500ms' }
  const project = await stage({ files: two, configuration: { hooks: { before: { run: hook } } } })
  const { answer } = await project.json(['migrate', '--no-probe'])
  expect(answer).toMatchObject({ code: 'HOOK_TIMEOUT' })
  expect(await project.query('SHOW TABLES')).toEqual([])
  const child = Number(readFileSync(join(project.folder, 'child'), 'utf8'))
  await expect.poll(() => isAlive(child)).toBe(false)
})

test('what a hook starts in a session of its own, and what has lost its parent, is ended with it', async () => {
  const ownSession = `echo \\$\\$ > unnamed; sleep 300`
  const text = `env -i setsid sh -c "${ownSession}" & setsid sh -c 'echo $$ > session; sleep 300' & (setsid sh -c 'echo $$ > orphan; sleep 300' &) ; trap '' TERM; while :; do sleep 1; done`
  const hook = { command: ['sh', '-c', text], timeout: '2s' }
  const project = await stage({ files: two, configuration: { hooks: { before: { run: hook } } } })
  const { answer } = await project.json(['migrate', '--no-probe'])
  expect(answer).toMatchObject({ code: 'HOOK_TIMEOUT' })
  expect(JSON.stringify(answer)).toContain(whatEnded)
  // Without a control group nothing shows where a process with an empty environment comes from, and wwdb does not say that it was ended.
  const unnamed = Number(readFileSync(join(project.folder, 'unnamed'), 'utf8'))
  if (!hasCgroups) process.kill(unnamed, 'SIGKILL')
  for (const name of ['session', 'orphan', ...(hasCgroups ? ['unnamed'] : [])]) {
    const pid = Number(readFileSync(join(project.folder, name), 'utf8'))
    expect(pid).toBeGreaterThan(0)
    expect(isAlive(pid), name).toBe(false)
  }
})

/** Takes the control groups of version 2 out of sight, for the program that it starts alone. */
const hidden = ['unshare', ['--mount', 'sh', '-c', 'umount -l "$0" && exec "$@"', mountOfCgroups() ?? '']] as const
const canHide = hasCgroups && spawnSync(hidden[0], [...hidden[1], 'true']).status === 0

function mountOfCgroups(): string | undefined {
  return / (\S+) cgroup2 /.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1]
}

test.runIf(canHide)(
  'where no control group can be made, a hook that takes too long is ended with what shows that it started it, and the error says no more',
  async () => {
    const text = `env -i setsid sh -c "echo \\$\\$ > unnamed; sleep 300" & setsid sh -c 'echo $$ > session; sleep 300' & echo $$ > own; sleep 300`
    const hook = { command: ['sh', '-c', text], timeout: '2s' }
    const project = await stage({ files: two, configuration: { hooks: { before: { run: hook } } } })
    const launcher = fileURLToPath(new URL('bin/wwdb.js', root))
    const tool = [process.execPath, launcher, 'migrate', '--no-probe']
    const run = spawnSync(hidden[0], [...hidden[1], ...tool], { cwd: project.folder, encoding: 'utf8' })
    const pid = (name: string): number => Number(readFileSync(join(project.folder, name), 'utf8'))
    const unnamed = isAlive(pid('unnamed'))
    process.kill(pid('unnamed'), 'SIGKILL')
    expect(run.stderr.replace(/\s+/g, ' ')).toContain(withoutCgroup)
    expect(run.stderr).toContain('HOOK_TIMEOUT')
    expect({ unnamed, session: isAlive(pid('session')), own: isAlive(pid('own')) }).toEqual({
      unnamed: true,
      session: false,
      own: false,
    })
    expect(await project.query('SHOW TABLES')).toEqual([])
  },
)

test('what a hook leaves running goes on behind its end, and its control group is taken away', async () => {
  const groups = (): readonly string[] =>
    readdirSync(cgroupFolder ?? project.folder).filter((name) => name.startsWith('wwdb-hook-'))
  const leave = 'sleep 300 > /dev/null 2>&1 < /dev/null & echo $! > child; echo $WWDB_HOOK_RUN > run'
  const hook = { command: ['sh', '-c', leave], timeout: '9s' }
  const project = await stage({ files: two, configuration: { hooks: { before: { run: hook } } } })
  expect(await project.run(['migrate', '--no-probe'])).toMatchObject({ exitCode: 0 })
  const child = Number(readFileSync(join(project.folder, 'child'), 'utf8'))
  expect(isAlive(child)).toBe(true)
  process.kill(child, 'SIGKILL')
  // Other runs on this machine have theirs.
  const run = readFileSync(join(project.folder, 'run'), 'utf8').trim()
  expect(run).toMatch(/^[\da-f-]{36}$/)
  expect(groups()).not.toContain(`wwdb-hook-${run}`)
})

function isAlive(child: number): boolean {
  try {
    process.kill(child, 0)
    // A process that ended and that nobody waited for is no longer one.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${child}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('a hook after a run that fails, hangs or is not there is a warning, and the run has its own end', async () => {
  const project = await stage({
    files: two,
    configuration: {
      hooks: {
        after: { run: 'echo no answer >&2; exit 9', migration: { command: ['sleep', '300'], timeout: '200ms' } },
        before: { rotation: ['nothing-there'] },
      },
    },
  })
  const run = await project.run(['migrate', '--no-probe'])
  expect(run.exitCode).toBe(0)
  expect(run.stderr).toContain('`hooks.after.run` ended with exit code 9: no answer.')
  expect(run.stderr).toContain('`hooks.after.migration` took longer than 200 ms')
})

test('a hook gets the usual variables and those that it is given by name, in the folder of the configuration', async () => {
  const command = 'env | cut -d= -f1 | sort > names; pwd > folder'
  const project = await stage({
    files: two,
    configuration: { hooks: { before: { run: { command, environment: ['TICKET'] } } } },
  })
  const environment = { TICKET: 'T-1', DEPLOY_TOKEN: 'hunter2-secret', OTHER: '1' }
  await project.run(['migrate', '--no-probe'], { environment })
  const names = readFileSync(join(project.folder, 'names'), 'utf8').trim().split('\n')
  expect(names).toEqual(expect.arrayContaining(['PATH', 'TICKET']))
  expect(names).not.toEqual(expect.arrayContaining(['DEPLOY_TOKEN']))
  expect(names).not.toEqual(expect.arrayContaining(['OTHER']))
  expect(readFileSync(join(project.folder, 'folder'), 'utf8').trim()).toBe(project.folder)
})

const template = (name: string): string =>
  `-- wwdb:period month\n-- wwdb:name ${name}_{YYYYMM}\n-- wwdb:late 0 days\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n`

test('a hook before a rotation forbids one family, and the others are made', async () => {
  const project = await stage({
    files: { 'shard-templates/app/notes.sql': template('notes'), 'shard-templates/app/logs.sql': template('logs') },
    configuration: {
      hooks: {
        before: { rotation: 'grep -q \'"family":"logs"\' && { echo "logs are being moved"; exit 1; }; exit 0' },
        after: { rotation: keep() },
      },
    },
  })
  const { exitCode, answer } = await project.json(['rotate', 'run'])
  expect(exitCode).toBe(2)
  const families = answer['families'] as readonly FamilyOutcome[]
  expect(families.find(({ family }) => family === 'logs')).toMatchObject({
    state: 'failed',
    code: 'HOOK_VETOED',
    created: [],
    fault: { what: 'logs are being moved.' },
  })
  expect(families.find(({ family }) => family === 'notes')).toMatchObject({ state: 'done' })
  const tables = await project.tables()
  expect(tables.some((table) => table.startsWith('notes_'))).toBe(true)
  expect(tables.some((table) => table.startsWith('logs_'))).toBe(false)
  const [notified, ...more] = heardBy(project)
  expect(more).toEqual([])
  expect(notified).toMatchObject({ event: 'after.rotation', rotation: { family: 'notes' }, end: { outcome: 'done' } })
  // A rotation with nothing to do asks for no family.
  project.write(
    'wwdb.config.json',
    readFileSync(join(project.folder, 'wwdb.config.json'), 'utf8').replace('exit 1', 'exit 0'),
  )
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  expect(heardBy(project)).toHaveLength(2)
})

test('a hook before a rotation that takes too long forbids its family alone, with a sentence', async () => {
  const hook = {
    command: ['sh', '-c', 'grep -q \'"family":"logs"\' || exit 0; sleep 300 & echo $! > child; wait'],
    timeout: '1s',
  }
  const project = await stage({
    files: { 'shard-templates/app/notes.sql': template('notes'), 'shard-templates/app/logs.sql': template('logs') },
    configuration: { hooks: { before: { rotation: hook }, after: { rotation: keep() } } },
  })
  const { exitCode, answer } = await project.json(['rotate', 'run'])
  expect(exitCode).toBe(2)
  const families = answer['families'] as readonly FamilyOutcome[]
  expect(families.find(({ family }) => family === 'logs')).toMatchObject({
    state: 'failed',
    code: 'HOOK_TIMEOUT',
    created: [],
    fault: {
      what: 'The hook `hooks.before.rotation` took longer than 1000 ms.',
      why: `${whatEnded}; without its answer the rotation does not start.`,
      where: { database: 'app' },
    },
  })
  expect(families.find(({ family }) => family === 'notes')).toMatchObject({ state: 'done' })
  const tables = await project.tables()
  expect(tables.some((table) => table.startsWith('notes_'))).toBe(true)
  expect(tables.some((table) => table.startsWith('logs_'))).toBe(false)
  expect(heardBy(project)).toMatchObject([{ rotation: { family: 'notes' } }])
  const child = Number(readFileSync(join(project.folder, 'child'), 'utf8'))
  await expect.poll(() => isAlive(child)).toBe(false)
  expect(await project.query('SELECT command, outcome, exit_code, error FROM wwdb_runs')).toEqual([
    ['rotate run', 'failed', 2, expect.stringMatching(/^HOOK_TIMEOUT: The hook `hooks.before.rotation` took longer/)],
  ])
})

test('a migration that is carried to shards calls its hooks once, with the family, however many shards it has', async () => {
  const notes = (column: string): string =>
    `-- wwdb:keys app.owners(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY${column}) ENGINE=InnoDB;\n`
  const owners = 'CREATE TABLE owners (id BIGINT PRIMARY KEY);\nINSERT INTO owners VALUES (1), (2), (3);'
  const project = await stage({
    files: { 'app/0001_owners.sql': migration(owners), 'shard-templates/app/notes.sql': notes('') },
    configuration: { hooks: { before: { migration: keep() }, after: { migration: keep() } } },
  })
  for (const words of [['migrate'], ['rotate', 'run']]) expect(await project.run(words)).toMatchObject({ exitCode: 0 })
  project.write('shard-templates/app/notes.sql', notes(', body INT'))
  const change = migration('ALTER TABLE {{table}} ADD COLUMN body INT;', undefined, '-- wwdb:shards notes')
  project.write('app/0002_body.sql', change)
  const { length } = heardBy(project)
  await project.query('ALTER TABLE notes_3 ADD COLUMN body INT')
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 2 })
  const failed = heardBy(project).slice(length)
  const ofShards = { version: '0002', shards: 'notes', total: 1 }
  expect(failed).toMatchObject([
    { event: 'before.migration', migration: ofShards },
    { event: 'after.migration', migration: ofShards, end: { outcome: 'failed', error: { code: expect.any(String) } } },
  ])
  await project.query('ALTER TABLE notes_3 DROP COLUMN body')
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 0 })
  expect(heardBy(project).slice(length + failed.length)).toMatchObject([
    { event: 'before.migration', migration: ofShards },
    { event: 'after.migration', migration: ofShards, end: { outcome: 'done', error: null } },
  ])
})

interface Posted {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** A service that takes messages: it keeps what is posted, and answers as WeCom does. */
async function openService(answer: string): Promise<{ readonly url: string; readonly posted: Posted[] }> {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      posted.push({ path: request.url ?? '', body: JSON.parse(body) })
      response.end(answer)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posted }
}

test('the page shows hooks that work: a freeze, a robot of WeCom and a webhook of Slack', async () => {
  const page = readFileSync(new URL('docs/operations/hooks.md', root), 'utf8')
  const [, configuration = ''] = /```json file=wwdb\.config\.json\n([\s\S]*?)```/.exec(page) ?? []
  const project = await stage({ files: two, configuration: JSON.parse(configuration) })
  cpSync(new URL('examples/hooks', root), join(project.folder, 'hooks'), { recursive: true })
  const { url, posted } = await openService('{"errcode":0,"errmsg":"ok"}')
  const environment = { WECOM_WEBHOOK_URL: `${url}/wecom?key=k-1`, SLACK_WEBHOOK_URL: `${url}/slack` }
  const [, reason = ''] = /echo '(.*)' > FREEZE/.exec(page) ?? []
  const freeze = join(project.folder, 'FREEZE')
  writeFileSync(freeze, `${reason}\n`)
  const frozen = await project.run(['migrate', '--no-probe'], { environment })
  const [shown = ''] = /^error\[HOOK_VETOED\]: .*$/m.exec(page) ?? []
  expect(frozen.exitCode).toBe(2)
  expect(frozen.stderr.replace(/\s+/g, ' ')).toContain(
    shown.replace('by ann', 'by test').replace(/^error\[HOOK_VETOED\]: /, ''),
  )
  project.remove('FREEZE')
  const run = await project.run(['migrate', '--no-probe'], { environment })
  expect(run).toMatchObject({ exitCode: 0 })
  expect(run.stderr).not.toContain('hook')
  expect(posted.map(({ path }) => path)).toEqual(['/slack', '/slack', '/wecom?key=k-1'])
  expect(posted[0]?.body).toEqual({ text: expect.stringContaining('migrations/app/0001_a.sql (app, up) by test@') })
  expect(posted[2]?.body).toMatchObject({
    msgtype: 'markdown',
    markdown: { content: expect.stringContaining('<font color="info">migrate by test@') },
  })
})

test('a robot of WeCom that refuses its message is a warning with what it says', async () => {
  const hooks = { after: { run: { command: ['node', 'hooks/wecom.mjs'], environment: ['WECOM_WEBHOOK_URL'] } } }
  const project = await stage({ files: two, configuration: { hooks } })
  cpSync(new URL('examples/hooks', root), join(project.folder, 'hooks'), { recursive: true })
  const { url } = await openService('{"errcode":93000,"errmsg":"invalid webhook url"}')
  const run = await project.run(['migrate', '--no-probe'], { environment: { WECOM_WEBHOOK_URL: url } })
  expect(run.exitCode).toBe(0)
  expect(run.stderr).toContain('93000 invalid webhook url')
})
