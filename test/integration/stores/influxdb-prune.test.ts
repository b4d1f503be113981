import { afterAll, expect, it } from 'vitest'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'

const server = withInfluxdb()
let project: ImportProject | null = null

afterAll(() => project?.close())

const buckets = `
organization: { name: shop }
buckets:
  hot: { retention: 30d, shardGroup: 1d }
  cold: { retention: forever, shardGroup: 7d }
`
const tasks = `
downsampling:
  hourly: { from: hot, to: cold, window: 1h }
  daily: { from: hot, to: cold, window: 1d }
`

describeInfluxdb('setup apply --prune with InfluxDB', () => {
  it('removes a task that wwdb made, and no task of somebody else and no bucket', async () => {
    const { user, password, token } = influxAdmin
    const { host } = new URL(server().url)
    const opened = openImportProject('influxdb', { url: `http://${user}:${password}@${host}`, token })
    project = opened
    opened.write('migrations/influxdb/buckets.yaml', buckets)
    opened.write('migrations/influxdb/tasks.yaml', tasks)
    expect(await opened.setup('apply')).toMatchObject({ exitCode: 0 })
    const headers = { authorization: `Token ${token}` }
    const api = `${server().url}/api/v2/tasks?org=shop`
    const flux = 'option task = {name: "own", every: 1h}\nfrom(bucket: "hot") |> range(start: -1h)'
    expect((await fetch(api, { method: 'POST', headers, body: JSON.stringify({ org: 'shop', flux }) })).status).toBe(
      201,
    )
    // As a copy in the user interface: the same first line, and another script.
    const copied = `// Written by wwdb from its declaration: change it there.\n${flux.replace('own', 'copied')}`
    await fetch(api, { method: 'POST', headers, body: JSON.stringify({ org: 'shop', flux: copied }) })
    // As a copy of a whole downsampling under another name.
    const { tasks: made } = (await (await fetch(api, { headers })).json()) as {
      readonly tasks: readonly { readonly name: string; readonly flux: string }[]
    }
    const whole = made.find(({ name }) => name === 'hourly')?.flux.replace('"hourly"', '"hourly by hand"')
    await fetch(api, { method: 'POST', headers, body: JSON.stringify({ org: 'shop', flux: whole }) })
    const names = async (): Promise<readonly string[]> => {
      const { tasks } = (await (await fetch(api, { headers })).json()) as {
        readonly tasks: readonly { readonly name: string }[]
      }
      return tasks.map(({ name }) => name).toSorted()
    }
    opened.write('migrations/influxdb/buckets.yaml', buckets.replace(/ {2}cold.*\n/, ''))
    opened.write('migrations/influxdb/tasks.yaml', '{}')
    expect(await opened.changes()).toEqual([])
    opened.write('migrations/influxdb/none.yaml', '')
    const doubted = await opened.setup('apply', '--prune', '--yes', '--allow', 'removed-resource')
    expect(doubted.stdout + doubted.stderr).toContain('none.yaml')
    expect(await opened.setup('apply')).toMatchObject({ exitCode: 0 })
    opened.write('migrations/influxdb/none.yaml', '{}')
    const refused = await opened.setup('apply', '--prune', '--yes')
    expect(refused.stderr).toMatch(/--allow '?removed-resource:/)
    expect(await names()).toEqual(['copied', 'daily', 'hourly', 'hourly by hand', 'own'])
    expect(await opened.setup('apply', '--prune', '--yes', '--allow', 'removed-resource')).toMatchObject({
      exitCode: 0,
    })
    expect(await names()).toEqual(['copied', 'hourly by hand', 'own'])
    const { stdout } = await opened.setup('plan', '--prune')
    expect(stdout).toContain('as declared')
    for (const name of ['task own', 'task copied', 'bucket cold']) expect(stdout).toContain(name)
  })
})
