import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { type Stage, tableMigration, withStages } from '../helpers/tool/stage.ts'
import { cleanEnvironment, launcher } from '../helpers/tool/tool.ts'

const ops = resolve(import.meta.dirname, '../../ops')
const stage = withStages()

const template = `-- wwdb:period month zone UTC
-- wwdb:name notes_{YYYYMM}
-- wwdb:premake 2 periods
-- wwdb:late 0 days

CREATE TABLE {{table}} (
  \`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB;
`

/** A project with the environments that the examples name, and `wwdb` on its PATH as in the image. */
async function project(): Promise<Stage> {
  const place = await stage({
    files: { 'app/20260101000000_users.sql': tableMigration('users'), 'shard-templates/app/notes.sql': template },
    configuration: {
      rotation: { schedule: '17 * * * *', archive: 'archives' },
      environments: { production: { protected: true }, test: {} },
    },
  })
  mkdirSync(join(place.folder, 'bin'))
  const program = join(place.folder, 'bin/wwdb')
  writeFileSync(program, `#!/bin/sh\nexec ${execPath} ${launcher} "$@"\n`)
  chmodSync(program, 0o755)
  return place
}

interface Ended {
  readonly status: number | null
  readonly output: string
}

/** Not `spawnSync`: a server of the test answers meanwhile. */
function run(
  { folder }: Stage,
  [program = '', ...words]: readonly string[],
  added: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const clean = cleanEnvironment(added)
  const env = { ...clean, PATH: `${join(folder, 'bin')}:${clean['PATH']}` }
  const child = spawn(program, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  return new Promise((done) => child.once('close', (status) => done({ status, output })))
}

const bash = (script: string): readonly string[] => ['bash', '-e', '-o', 'pipefail', '-c', script]

describe('the example for Kubernetes', () => {
  interface Container {
    readonly command?: readonly string[]
    readonly args: readonly string[]
    readonly env?: readonly { readonly name: string; readonly value: string }[]
  }
  const containers = new Map(
    ['migrate.yaml', 'schedules.yaml']
      .flatMap((file) => parseAllDocuments(readFileSync(join(ops, 'kubernetes', file), 'utf8')))
      .map((document) => document.toJS())
      .filter(({ kind }) => kind === 'Job' || kind === 'CronJob')
      .map(({ metadata, spec }): [string, Container] => [
        metadata.name ?? metadata.generateName,
        (spec.jobTemplate?.spec ?? spec).template.spec.containers[0],
      ]),
  )

  function wordsOf(name: string, { folder }: Stage): readonly string[] {
    const { command = ['wwdb'], args } = containers.get(name) ?? { args: [] }
    const inImage = (word: string): string =>
      word.replaceAll('/opt/wwdb/', `${ops}/docker/`).replaceAll('/tmp/wwdb.prom', join(folder, 'wwdb.prom'))
    return [...command, ...args].map(inImage)
  }

  test('migrates, rotates, checks and looks for drift; the numbers come to the Pushgateway', async () => {
    const place = await project()
    const received = new Map<string, string>()
    const gateway = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text) => (body += text))
      request.on('end', () => {
        received.set(`${request.method} ${request.url}`, body)
        response.end()
      })
    }).listen(0, '127.0.0.1')
    await new Promise((listening) => gateway.once('listening', listening))
    const added = {
      PUSHGATEWAY_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      WWDB_ROTATION_ARCHIVE: join(place.folder, 'archives'),
    }
    try {
      for (const [name, container] of containers) {
        const job = container.env?.find((one) => one.name === 'JOB')?.value ?? ''
        const ended = await run(place, wordsOf(name, place), { ...added, JOB: job })
        expect(ended.status, `${name}\n${ended.output}`).toBe(0)
      }
      expect([...received.keys()]).toEqual(['PUT /metrics/job/wwdb-shards', 'PUT /metrics/job/wwdb-drift'])
      expect(received.get('PUT /metrics/job/wwdb-shards')).toContain(
        'wwdb_shard_missing{database="app",family="notes"} 0\n',
      )
      expect(received.get('PUT /metrics/job/wwdb-drift')).toContain('wwdb_drift_objects{database="app"} 0\n')
      // A check that finds something still gives its numbers, and fails.
      const shards = (await place.tables()).filter((table) => table.startsWith('notes_'))
      await place.query(`DROP TABLE ${shards.at(-1)}`)
      expect(await run(place, wordsOf('wwdb-check', place), { ...added, JOB: 'again' })).toMatchObject({ status: 1 })
      expect(received.get('PUT /metrics/job/again')).toContain('wwdb_shard_missing{database="app",family="notes"} 1\n')
    } finally {
      gateway.close()
    }
    const lost = await run(place, wordsOf('wwdb-check', place), { ...added, JOB: 'gone' })
    expect(lost.status, 'a gateway that is gone fails the job').not.toBe(0)
  })
})

describe('the action for GitHub', () => {
  const { runs, inputs } = parse(readFileSync(join(ops, 'github/run/action.yml'), 'utf8'))
  const script: string = runs.steps.at(-1).run
  const variables = (what: string, place: Stage, more: Readonly<Record<string, string>> = {}) => ({
    RUN: what,
    ENVIRONMENT: '',
    NAME: `gh${place.prefix.replaceAll(/\W|_/g, '')}`,
    WWDB: 'wwdb',
    GITHUB_ACTION_PATH: join(ops, 'github/run'),
    GITHUB_ENV: join(place.folder, 'github.env'),
    RUNNER_TEMP: place.folder,
    ...more,
  })

  test('takes what a runner would replace from the environment alone', () => {
    expect(script).not.toContain('${{')
    const named = Object.values(runs.steps.at(-1).env as Readonly<Record<string, string>>).join(' ')
    for (const [, input = ''] of named.matchAll(/inputs\.([a-z-]+)/g)) expect(inputs).toHaveProperty([input])
  })

  test('migrates, then rotates', async () => {
    const place = await project()
    for (const what of ['migrate', 'rotate']) {
      const ended = await run(place, bash(script), variables(what, place, { ENVIRONMENT: 'production' }))
      expect(ended.status, ended.output).toBe(0)
    }
    expect(await place.tables()).toEqual(expect.arrayContaining(['users', expect.stringMatching(/^notes_\d{6}$/)]))
  })

  test('provisions a test environment for the steps that follow', async () => {
    const place = await project()
    const set = variables('provision', place, { ENVIRONMENT: 'test', WWDB_PREFIX: '' })
    try {
      const ended = await run(place, bash(script), set)
      expect(ended.status, ended.output).toBe(0)
      const lines = readFileSync(set.GITHUB_ENV, 'utf8')
      expect(lines).toMatch(new RegExp(`^WWDB_PREFIX<<|^WWDB_PREFIX=.*${set.NAME}`, 'm'))
      expect(ended.output).not.toMatch(/mysql:\/\/\S+:\S+@/)
    } finally {
      await run(place, ['wwdb', 'provision', 'down', '--name', set.NAME, '--owner', 'ci', '--env', 'test', '--yes'])
    }
  })

  test('refuses what it does not know', async () => {
    const place = await project()
    const ended = await run(place, bash(script), variables('rotat', place))
    expect(ended).toMatchObject({ status: 64, output: expect.stringContaining('::error::run must be') })
  })
})

describe('the template for GitLab', () => {
  const template = parse(readFileSync(join(ops, 'gitlab-run.yml'), 'utf8'))
  const scriptOf = (job: string): readonly string[] => bash(template[job].script.join('\n'))

  test('migrates, rotates, and tests in a test environment', async () => {
    const place = await project()
    const tests = 'wwdb status --exit-code && test -n "$WWDB_PREFIX" && echo tested'
    for (const job of ['wwdb-migrate', 'wwdb-rotate', 'wwdb-provision']) {
      const ended = await run(place, scriptOf(job), { WWDB: 'wwdb', WWDB_TESTS: tests })
      expect(ended.status, `${job}\n${ended.output}`).toBe(0)
      if (job === 'wwdb-provision') expect(ended.output).toContain('tested')
    }
    expect(await place.tables()).toEqual(expect.arrayContaining(['users', expect.stringMatching(/^notes_\d{6}$/)]))
  })

  test('fails where tests fail', async () => {
    const place = await project()
    expect(await run(place, scriptOf('wwdb-provision'), { WWDB: 'wwdb', WWDB_TESTS: 'exit 3' })).toMatchObject({
      status: 3,
    })
  })
})
