import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createInfluxFixture } from '../../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { runTool, type ToolRun } from '../../helpers/tool/tool.ts'

const document = readFileSync(new URL('../../../docs/guides/influxdb.md', import.meta.url), 'utf8')
const blocks = new Map(
  [...document.matchAll(/^```\w+ (\w+)\n(.*?)^```$/gms)].map(([, label = '', text = '']) => [label, text]),
)
const server = withInfluxdb()
const folder = mkdtempSync(join(tmpdir(), 'wwdb-document-'))

beforeAll(() => {
  write('migrations/influxdb/metrics.yaml', textOf('declaration'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function textOf(label: string): string {
  const text = blocks.get(label)
  if (text === undefined) throw new Error(`the page has no block ${label}`)
  return text
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

async function setup(...words: readonly string[]): Promise<ToolRun> {
  write('wwdb.config.json', textOf('config').replace('127.0.0.1:8086', server().label))
  const environment = { INFLUX_PASSWORD: influxAdmin.password, INFLUX_TOKEN: influxAdmin.token, PAGER_TOKEN: 'x' }
  return runTool(['setup', ...words], { cwd: folder, environment })
}

/** As the page has it: its own port, version, folder and time. */
function asOnPage(text: string): string {
  return text
    .trim()
    .replaceAll(server().label, '127.0.0.1:8086')
    .replaceAll(server().version, '2.8.0')
    .replaceAll(folder, 'FOLDER')
    .replaceAll(/[\d.]+ m?s\)/g, '500 ms)')
}

it('every fenced block of the page is an example that is tested', () => {
  expect([...blocks.keys()]).toEqual(
    'config declaration plan loss script tasks alerts labels backfill verify'.split(' '),
  )
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.size)
})

describeInfluxdb('the page about InfluxDB', () => {
  it('shows the plan for an empty server, the task’s script and the proof', async () => {
    const fixture = createInfluxFixture(server(), 'acme')
    expect(asOnPage((await setup('plan')).stdout)).toBe(textOf('plan').trim())
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(String((await fixture.task('metrics_hourly'))['flux']).trim()).toBe(textOf('script').trim())
    expect(asOnPage((await setup('verify')).stdout)).toBe(textOf('verify').trim())
    const dayOf = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
    const range = ['--start', dayOf(3), '--end', dayOf(2)]
    const said = (await setup('backfill', 'metrics_hourly', ...range, '--dry-run')).stdout.trim()
    expect(said.replace(dayOf(3), '2026-11-01').replace(dayOf(2), '2026-11-02')).toBe(textOf('backfill').trim())
  })

  it('shows a task with a script of its own, which the server keeps as it is declared', async () => {
    write('migrations/influxdb/tasks.yaml', textOf('tasks'))
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await setup('plan', '--exit-code')).toMatchObject({ exitCode: 0 })
    rmSync(join(folder, 'migrations/influxdb/tasks.yaml'))
    expect(await setup('apply', '--prune', '--yes', '--allow', 'removed-resource')).toMatchObject({ exitCode: 0 })
  })

  it('shows what a shorter retention costs', async () => {
    const fixture = createInfluxFixture(server(), 'acme')
    const old = [20, 21].map((days) => `cpu,host=a load=1 ${Date.now() - days * 86_400_000}000000`)
    expect(await fixture.write('metrics_hot', old.join('\n'))).toBe(204)
    write('migrations/influxdb/metrics.yaml', textOf('declaration').replace('retention: 30d', 'retention: 10d'))
    expect(asOnPage((await setup('plan')).stdout)).toBe(textOf('loss').trim())
    expect((await setup('apply')).exitCode).toBe(2)
    expect((await fixture.rule('metrics_hot')).every).toBe(30 * 86_400)
  })

  it('shows a check, an endpoint, a rule and a label, which the server keeps as they are declared', async () => {
    write('migrations/influxdb/metrics.yaml', textOf('declaration'))
    write('migrations/influxdb/alerts.yaml', textOf('alerts'))
    write('migrations/influxdb/labels.yaml', textOf('labels'))
    expect(await setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await setup('plan', '--exit-code')).toMatchObject({ exitCode: 0 })
  })
})
