import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { env, execPath } from 'node:process'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { findProgram } from '../../../src/shards/schedule/launcher.ts'
import { findManifestFaults } from '../../helpers/documents/kubernetes-schemas.ts'
import { randomName } from '../../helpers/servers/schema.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { findSchedulers, runAsCron, runAsService, type Schedulers } from '../../helpers/shards/schedulers.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'
import { launcher } from '../../helpers/tool/tool.ts'

const stage = withStages()
const schedulers: Schedulers | null = await findSchedulers()

const template = `-- wwdb:period month zone Asia/Shanghai
-- wwdb:name notes_{YYYYMM}
-- wwdb:premake 2 periods
-- wwdb:late 0 days

CREATE TABLE {{table}} (
  \`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB;
`

/** All that is special to a shell, to cron, to systemd or to YAML. */
const password = 'a"b$c\\d`e\'f%g #h'
const user = randomName('sched')
const { host } = new URL(testServer().url.replace('mysql:', 'http:'))

async function ask(...statements: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri: testServer().url })
  for (const sql of statements) await connection.query(sql)
  await connection.end()
}

beforeAll(() =>
  ask(
    `CREATE USER \`${user}\`@'%' IDENTIFIED BY '${password.replaceAll(/['\\]/g, '\\$&')}'`,
    `GRANT ALL ON *.* TO \`${user}\`@'%'`,
  ),
)
afterAll(() => ask(`DROP USER IF EXISTS \`${user}\`@'%'`))

/** What the configuration reads, as a person has it set where the schedule is rendered. */
const environment = { APP_URL: `mysql://${user}@${host}`, APP_PASSWORD: password }

async function project(schedule = '17 * * * *'): Promise<Stage> {
  const place = await stage({ files: { 'shard-templates/app/notes.sql': template } })
  const live = { url: `\${APP_URL:-mysql://root@127.0.0.1:1}`, password: `\${APP_PASSWORD}`, prefix: place.prefix }
  place.write(
    'wwdb.config.json',
    JSON.stringify({ databases: { app: {} }, rotation: { schedule }, environments: { live } }),
  )
  return place
}

const render = (as: string, ...words: readonly string[]) => [
  'schedule',
  'render',
  '--as',
  as,
  '--env',
  'live',
  ...words,
]

async function writeOut({ run, folder }: Stage, as: string, ...words: readonly string[]): Promise<string> {
  const out = join(folder, "it's 100% out")
  const { exitCode, stderr } = await run(render(as, '--out', out, ...words), { environment })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return out
}

const modesOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]))

const shardsOf = async ({ tables }: Stage): Promise<readonly string[]> =>
  (await tables()).filter((name) => name.startsWith('notes_'))

describe('a rendered crontab', () => {
  test('runs as cron runs it, with its variables from a file for its owner alone', async () => {
    const place = await project()
    const out = await writeOut(place, 'crontab')
    expect(modesOf(out)).toEqual({ 'wwdb-rotate.crontab': '644', 'wwdb-rotate.env': '600' })
    const crontab = readFileSync(join(out, 'wwdb-rotate.crontab'), 'utf8')
    expect(crontab).not.toContain(password)
    expect(crontab).toContain(`${execPath} ${launcher} rotate run --no-input --config`)
    expect(runAsCron(crontab)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(await shardsOf(place)).toHaveLength(3)
    expect(readFileSync(join(out, 'wwdb-rotate.log'), 'utf8')).toContain('notes')
  })

  test('starts nothing where its file lacks a variable', async () => {
    const place = await project()
    const out = await writeOut(place, 'crontab')
    writeFileSync(join(out, 'wwdb-rotate.env'), 'APP_PASSWORD="x"\n')
    const crontab = readFileSync(join(out, 'wwdb-rotate.crontab'), 'utf8')
    expect(runAsCron(crontab).status).not.toBe(0)
    expect(await shardsOf(place)).toEqual([])
    expect(readFileSync(join(out, 'wwdb-rotate.log'), 'utf8')).toContain('APP_URL')
  })

  // A daemon needs root, for folders of its own over those of the machine; without it, the rules of cron above are all that is shown.
  for (const startCron of schedulers?.startCron ? [schedulers.startCron] : [])
    test('runs by a real cron daemon', { timeout: 120_000 }, async () => {
      const place = await project('* * * * *')
      const out = await writeOut(place, 'crontab')
      const daemon = startCron(readFileSync(join(out, 'wwdb-rotate.crontab'), 'utf8'))
      try {
        await expect.poll(() => shardsOf(place), { timeout: 100_000, interval: 1000 }).toHaveLength(3)
      } finally {
        daemon.kill()
      }
    })
})

describe('rendered units of systemd', () => {
  test('run as systemd runs them, with their variables from a file for its owner alone', async () => {
    const place = await project()
    const out = await writeOut(place, 'systemd', '--user', 'deploy')
    expect(modesOf(out)).toEqual({ 'wwdb-rotate.env': '600', 'wwdb-rotate.service': '644', 'wwdb-rotate.timer': '644' })
    const service = readFileSync(join(out, 'wwdb-rotate.service'), 'utf8')
    expect(service).toContain('\nUser=deploy\n')
    expect(runAsService(service)).toMatchObject({ status: 0, stderr: expect.not.stringContaining('APP_') })
    expect(await shardsOf(place)).toHaveLength(3)
    writeFileSync(join(out, 'wwdb-rotate.env'), 'APP_URL="x"\n')
    expect(runAsService(service)).toMatchObject({ status: 2, stderr: expect.stringContaining('APP_PASSWORD') })
  })

  for (const { verifyUnits } of schedulers === null ? [] : [schedulers])
    test('satisfy systemd-analyze, which finds a misspelled key', async () => {
      const place = await project()
      const out = await writeOut(place, 'systemd')
      const paths = ['wwdb-rotate.service', 'wwdb-rotate.timer'].map((name) => join(out, name))
      expect(verifyUnits(paths)).toBe('')
      const [service = ''] = paths
      writeFileSync(service, readFileSync(service, 'utf8').replace('WorkingDirectory=', 'WorkingFolder='))
      expect(verifyUnits(paths)).toContain('WorkingFolder')
    })
})

test('rendered manifests of Kubernetes satisfy the schema of its API, and the Secret has what the CronJob reads', async () => {
  const place = await project()
  const out = await writeOut(place, 'kubernetes', '--image', 'registry.example/app:1', '--user', '1000')
  expect(modesOf(out)).toEqual({ 'wwdb-rotate-secret.yaml': '600', 'wwdb-rotate.yaml': '644' })
  const [secret, job] = ['wwdb-rotate-secret.yaml', 'wwdb-rotate.yaml'].map((name) =>
    parse(readFileSync(join(out, name), 'utf8')),
  )
  expect([findManifestFaults(secret), findManifestFaults(job)]).toEqual([[], []])
  const [{ env, image, args }] = job.spec.jobTemplate.spec.template.spec.containers
  expect(env.map((one: { readonly name: string }) => one.name)).toEqual(['APP_PASSWORD', 'APP_URL'])
  expect([image, args]).toEqual(['registry.example/app:1', ['rotate', 'run', '--no-input', '--env', 'live']])
  expect(secret).toMatchObject({ metadata: { name: 'wwdb-rotate' }, stringData: environment })
  expect(findManifestFaults({ ...job, spec: { ...job.spec, concurency: 'Forbid' } })).toEqual([
    'unknown key /spec/concurency',
  ])
})

test('a password file becomes a key of the Secret, which the pod mounts as the file that the variable names', async () => {
  const place = await project()
  const secretFile = join(place.folder, 'password.txt')
  writeFileSync(secretFile, `${password}\n`, { mode: 0o600 })
  const out = join(place.folder, 'pod')
  const args = render('kubernetes', '--image', 'registry.example/app:1', '--out', out)
  const rendered = await place.run(args, { environment: { ...environment, WWDB_PASSWORD_FILE: secretFile } })
  expect(rendered).toMatchObject({ exitCode: 0 })
  const [secret, job] = ['wwdb-rotate-secret.yaml', 'wwdb-rotate.yaml'].map((name) =>
    parse(readFileSync(join(out, name), 'utf8')),
  )
  expect([findManifestFaults(secret), findManifestFaults(job)]).toEqual([[], []])
  const { containers, volumes } = job.spec.jobTemplate.spec.template.spec
  const [{ env, volumeMounts }] = containers
  expect(env).toContainEqual({ name: 'WWDB_PASSWORD_FILE', value: '/run/secrets/wwdb/WWDB_PASSWORD_FILE' })
  expect(volumeMounts).toEqual([{ name: 'secret-files', mountPath: '/run/secrets/wwdb', readOnly: true }])
  const items = [{ key: 'WWDB_PASSWORD_FILE', path: 'WWDB_PASSWORD_FILE' }]
  expect(volumes).toMatchObject([{ name: 'secret-files', secret: { secretName: 'wwdb-rotate', items } }])
  expect(secret.stringData.WWDB_PASSWORD_FILE).toBe(`${password}\n`)
})

test('a crontab names the program itself, not the link that npx started, and refuses one in the cache of npm', async () => {
  const { folder } = await project()
  const program = resolve(import.meta.dirname, '../../../bin/wwdb.js')
  const start = (words: readonly string[]) =>
    promisify(execFile)(execPath, [...words, ...render('crontab')], { cwd: folder, env: { ...env, ...environment } })
  mkdirSync(join(folder, '.bin'))
  symlinkSync(program, join(folder, '.bin', 'wwdb'))
  expect((await start([join(folder, '.bin', 'wwdb')])).stdout).toContain(`${execPath} ${program} rotate run`)
  const cached = join(folder, '_npx', '0123', 'wwdb.js')
  mkdirSync(dirname(cached), { recursive: true })
  writeFileSync(cached, '')
  expect(() => findProgram([execPath, cached])).toThrow("npm's own cache")
})

describe('schedule render refuses', () => {
  test('a URL that falls back to a default: it might rotate another server', async () => {
    const { run } = await project()
    const refused = await run(render('crontab'), { environment: { APP_PASSWORD: password } })
    expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
    expect(refused.stderr).toContain('`url` falls back to a default without the variable `APP_URL`')
  })

  test('a value that the file of variables would lack', async () => {
    const { run, folder } = await project()
    const args = render('crontab', '--out', 'out')
    const refused = await run(args, { environment: { APP_URL: environment.APP_URL } })
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain('APP_PASSWORD must be written to `wwdb-rotate.env` and is not set here.')
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  test('to replace a file that it did not make', async () => {
    const place = await project()
    const out = await writeOut(place, 'crontab')
    const again = await place.json(render('crontab', '--out', out), { environment })
    expect(again.answer['changed']).toHaveLength(2)
    writeFileSync(join(out, 'wwdb-rotate.env'), 'MINE=1\n')
    const refused = await place.run(render('crontab', '--out', out), { environment })
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('was not written by `wwdb schedule render`')
    expect(readFileSync(join(out, 'wwdb-rotate.env'), 'utf8')).toBe('MINE=1\n')
  })

  test('a file of variables that others may read, until its mode is what the message says', async () => {
    const { run, folder } = await project()
    const file = join(folder, 'own.env')
    writeFileSync(file, '', { mode: 0o640 })
    const args = render('crontab', '--variables', file)
    const refused = await run(args, { environment })
    expect(refused).toMatchObject({ exitCode: 64, stderr: expect.stringContaining(`chmod 600 ${file}`) })
    chmodSync(file, 0o600)
    expect(await run(args, { environment })).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(file) })
  })

  test('a URL from a flag, which the schedule would not have', async () => {
    const { run } = await project()
    const refused = await run([...render('systemd'), '--url', 'mysql://a@b:1'], { environment })
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain('from a flag, and the schedule does not pass flags')
  })

  test.each([
    [['kubernetes', '--image', 'a', '--user', 'root'], '`--user` "root" is not a valid account.'],
    [['crontab', '--user', 'a b'], '`--user` "a b" is not a valid account.'],
    [['systemd', '--log', '/var/log/a.log'], '`--log` is for a crontab.'],
    [['kubernetes', '--image', 'a', '--variables', '/a'], '`--variables` is not for Kubernetes.'],
    [['crontab', '--variables', '/a\nb'], '`--variables` must be an absolute path'],
  ] as const)('%j: %s', async ([as, ...words], says) => {
    const { run } = await project()
    const refused = await run(render(as, ...words), { environment })
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain(says)
  })
})
