import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, test } from 'vitest'
import { createRouter } from '../../../src/routing/router.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'
import { launcher } from '../../helpers/tool/tool.ts'

const stage = withStages()

const template = `-- wwdb:period month zone Asia/Shanghai
-- wwdb:name notes_{YYYYMM}
-- wwdb:ids YYYYMM x 10000000000
-- wwdb:premake 2 periods
-- wwdb:late 0 days

CREATE TABLE {{table}} (
  \`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  \`at\` DATETIME NOT NULL,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB;
`

const file = 'shard-templates/app/notes.sql'

function rotation(schedule: string, more: object = {}): object {
  return { rotation: { schedule, ...more } }
}

describe('wwdb schedule next', () => {
  test('the next times, for people and for programs', async () => {
    const { run, json } = await stage({
      create: false,
      configuration: rotation('17 3 * * *', { zone: 'Asia/Shanghai' }),
    })
    const human = await run(['schedule', 'next'])
    expect(human).toMatchObject({ exitCode: 0, stderr: '' })
    expect(human.stdout.split('\n')[0]).toBe('17 3 * * * in Asia/Shanghai')
    expect(
      human.stdout.match(/^ {2}\d{4}-\d\d-\d\d 19:17 UTC {2}\d{4}-\d\d-\d\d 03:17 Asia\/Shanghai {2}in /gm),
    ).toHaveLength(5)
    const { answer } = await json(['schedule', 'next', '--limit', '3'])
    expect(answer).toMatchObject({ kind: 'schedule', schedule: '17 3 * * *', zone: 'Asia/Shanghai' })
    expect(answer['runs']).toHaveLength(3)
  })

  test('without a schedule: 78, and what to write', async () => {
    const { run } = await stage({ create: false })
    const refused = await run(['schedule', 'next'])
    expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
    expect(refused.stderr).toContain('"rotation": { "schedule": "17 * * * *", "zone": "UTC" }')
  })

  test.each([
    [['schedule', 'next', '--limit', '0'], 64],
    [['schedule', 'next', '--limit', '1001'], 64],
  ])('%j: %i', async (args, exitCode) => {
    const { run } = await stage({ create: false, configuration: rotation('17 * * * *') })
    expect(await run(args)).toMatchObject({ exitCode })
  })
})

describe('wwdb schedule render', () => {
  const configuration = { ...rotation('17 * * * *'), environments: { live: {} } }

  test('a crontab that finds the project and the environment again', async () => {
    const { run, folder } = await stage({ create: false, configuration })
    const { stdout, stderr, exitCode } = await run(['schedule', 'render', '--as', 'crontab', '--env', 'live'])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    const program = `${execPath} ${launcher}`
    expect(stdout).toContain('\nCRON_TZ=UTC\nSHELL=/bin/sh\n')
    expect(stdout).toContain(`\n17 * * * * { cd ${folder} && ${program} rotate run --no-input`)
    expect(stdout).toContain(` --env live; } >> /var/log/wwdb/wwdb-rotate.log 2>&1\n`)
  })

  test('a timer, a CronJob, with names of their own', async () => {
    const { run } = await stage({ create: false, configuration })
    const timer = await run(['schedule', 'render', '--as', 'systemd', '--name', 'shards', '--command', 'npx wwdb'])
    expect(timer.stdout).toContain('# /etc/systemd/system/shards.timer')
    expect(timer.stdout).toMatch(/^ExecStart=\/usr\/bin\/env npx wwdb rotate run --no-input/m)
    const job = await run(['schedule', 'render', '--as', 'kubernetes', '--image', 'app:1'])
    expect(job.stdout).toContain('concurrencyPolicy: Forbid')
    expect(job.stdout).toContain('startingDeadlineSeconds: 3600')
  })

  test.each([
    [['schedule', 'render'], '`--as` is missing.'],
    [['schedule', 'render', '--as', 'windows'], 'crontab'],
    [['schedule', 'render', '--as', 'kubernetes'], '`--image` is missing.'],
    [['schedule', 'render', '--as', 'systemd', '--name', '../x'], '`--name` "../x" is not a valid name'],
    [
      ['schedule', 'render', '--as', 'crontab', '--command', ' '],
      '`--command` is empty or has characters that cannot be used.',
    ],
    [
      ['schedule', 'render', '--as', 'crontab', '--command', 'wwdb\nrm'],
      '`--command` is empty or has characters that cannot be used.',
    ],
  ])('%j: 64, %s', async (args, says) => {
    const { run } = await stage({ create: false, configuration })
    const refused = await run(args)
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain(says)
  })
})

interface Health {
  readonly state: string
  readonly due: string | null
  readonly runs: number
  readonly failures: number
  readonly lastSuccessAt: string | null
  readonly lastRun: { readonly exitCode: number; readonly fault: string | null } | null
}

function healthOf({ folder }: Stage): Health | null {
  const path = join(folder, 'health.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Health) : null
}

const args = ['schedule', 'run', '--jitter', '0', '--health', 'health.json']

describe('wwdb schedule run', () => {
  test('rotates at once, waits, and ends well when it is asked to', async () => {
    const place = await stage({ configuration: rotation('17 3 1 1 *'), files: { [file]: template } })
    const tool = place.start(args)
    await tool.says('stderr', 'The next rotation is due at')
    expect(await place.tables()).toEqual(expect.arrayContaining([expect.stringMatching(/^notes_\d{6}$/)]))
    await expect.poll(() => healthOf(place)?.state).toBe('waiting')
    expect(healthOf(place)).toMatchObject({ runs: 1, failures: 0, lastRun: { exitCode: 0, fault: null } })
    expect(healthOf(place)?.due).toMatch(/-01-01T03:17:00\.000Z$/)
    tool.child.kill('SIGTERM')
    const ended = await tool.ended
    expect(ended).toMatchObject({ exitCode: 0, signal: null })
    expect(ended.stdout).toMatch(/^✓ Stopped after 1 rotation; the last successful one ended at .* UTC\.\n$/)
    expect(healthOf(place)).toMatchObject({ state: 'stopped', due: null, runs: 1 })
  })

  test('schedule run reports a rotation that failed, and stays for the next', async () => {
    const place = await stage({ create: false, configuration: rotation('17 3 1 1 *'), files: { [file]: template } })
    const tool = place.start([...args, '--json'])
    await tool.says('stdout', 'The next rotation is due at')
    expect(healthOf(place)).toMatchObject({ runs: 1, failures: 1, lastSuccessAt: null })
    expect(healthOf(place)?.lastRun?.exitCode).not.toBe(0)
    expect(healthOf(place)?.lastRun?.fault).toContain(place.schema('app'))
    tool.child.kill('SIGINT')
    const { exitCode, stdout } = await tool.ended
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(exitCode).toBe(0)
    expect(lines.at(-1)).toMatchObject({ type: 'result', kind: 'schedule-run', runs: 1, failures: 1, exitCode: 0 })
    expect(lines.some(({ type }) => type === 'warning')).toBe(true)
  })

  test('does not begin with templates that are wrong', async () => {
    const place = await stage({ create: false, configuration: rotation('* * * * *'), files: { [file]: 'SELECT 1;' } })
    const refused = await place.run(args)
    expect(refused.exitCode).toBeGreaterThan(0)
    expect(refused.stderr).toContain(file)
    expect(healthOf(place)).toBeNull()
  })

  test('does not begin where it cannot say how it goes', async () => {
    const { run } = await stage({ create: false, configuration: rotation('* * * * *') })
    const refused = await run(['schedule', 'run', '--health', 'nowhere/health.json'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('Cannot write the health file')
  })

  test.each(['5', 'none', 'soon'])('--jitter %s: 64', async (jitter) => {
    const { run } = await stage({ create: false, configuration: rotation('* * * * *') })
    const refused = await run(['schedule', 'run', '--jitter', jitter])
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toMatch(new RegExp(`\`--jitter\` cannot be ["\`]${jitter}["\`]`))
  })
})

test('wwdb shards map: what wwdb/routing finds shards by', async () => {
  const { run, schema } = await stage({ create: false, files: { [file]: template } })
  const { stdout, stderr, exitCode } = await run(['shards', 'map'])
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  const router = createRouter(JSON.parse(stdout))
  const shard = router.shardFor('notes', { at: new Date('2026-11-30T16:00:00Z') })
  expect(shard).toMatchObject({ table: 'notes_202612', schema: schema('app'), database: 'app' })
  expect(router.locateId('notes', 2026120000000007n)).toEqual(shard)
})
