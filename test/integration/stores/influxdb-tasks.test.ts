import { afterAll, expect, it } from 'vitest'
import { createInfluxFixture } from '../../helpers/influxdb/influxdb-fixture.ts'
import { describeInfluxdb, withInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'
import { influxAdmin } from '../../helpers/influxdb/influxdb-session.ts'
import { type ImportProject, openImportProject } from '../../helpers/stores/import-project.ts'

const server = withInfluxdb()
const projects: ImportProject[] = []

afterAll(() => {
  for (const project of projects) project.close()
})

const buckets = `
organization: { name: shop }
buckets:
  hot: { retention: 30d, shardGroup: 1d }
  cold: { retention: forever, shardGroup: 7d }
`
const script = `      from(bucket: "hot")
          |> range(start: -2h)
          |> map(fn: (r) => ({r with host: "$\${r.host}!"}))
          |> to(bucket: "cold")
`
const tasks = `
tasks:
  copied:
    every: 1h
    flux: |
      import "date"

${script}  nightly: { cron: '0 3 * * *', offset: 5m, active: false, flux: 'from(bucket: "hot") |> range(start: -1d)' }
`

/** In nanoseconds: a run covers nothing after the time that it was due. */
const minuteAgo = (): string => `${Date.now() - 60_000}000000`

describeInfluxdb('tasks of InfluxDB with scripts of their own', () => {
  function openProject(prefix = ''): ImportProject {
    const { user, password, token } = influxAdmin
    const { host } = new URL(server().url)
    const project = openImportProject('influxdb', { url: `http://${user}:${password}@${host}`, token })
    projects.push(project)
    if (prefix !== '') {
      const configuration = JSON.parse(project.read('wwdb.config.json'))
      project.write('wwdb.config.json', JSON.stringify({ ...configuration, prefix }))
    }
    project.write('migrations/influxdb/buckets.yaml', buckets)
    return project
  }

  it('are made, run, found to differ by every part, and made right again', async () => {
    const project = openProject()
    const fixture = createInfluxFixture(server(), 'shop')
    project.write('migrations/influxdb/tasks.yaml', tasks)
    expect((await project.setup('plan')).stdout).toContain('+ create task nightly: its own script, by cron 0 3 * * *')
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await project.changes()).toEqual([])
    expect(await fixture.write('hot', `cpu,host=a load=1 ${minuteAgo()}`)).toBe(204)
    expect(await fixture.runTask('copied', Math.floor(Date.now() / 1000) * 1000)).toBe('success')
    expect(await fixture.rows('cold', 'cpu')).toMatchObject([{ host: 'a!', _value: '1' }])
    const { stdout } = await project.setup('verify')
    expect(stdout).toContain('task copied runs: the last run that ended was due')
    expect(stdout).toContain('task nightly runs: it is inactive')
    const { id, flux } = await fixture.task('copied')
    await fixture.patchTask(id, { flux: String(flux).replace('-2h', '-3h'), status: 'inactive', description: 'x' })
    await fixture.patchTask((await fixture.task('nightly')).id, { cron: '0 4 * * *' })
    const differences = (await project.setup('plan')).stdout
    for (const said of ['status: inactive -> active', '|> range(start: -3h) -> |> range(start: -2h)'])
      expect(differences).toContain(said)
    expect(differences).toContain('cron: cron 0 4 * * * -> cron 0 3 * * *')
    // A person has changed the script of one of them.
    expect((await project.setup('apply', '--yes')).stderr).toMatch(/--allow '?removed-resource:/)
    expect(await project.setup('apply', '--yes', '--allow', 'removed-resource')).toMatchObject({ exitCode: 0 })
    expect((await fixture.task('copied'))['flux']).toBe(flux)
    await fixture.copyTask('copied')
    expect((await project.setup('apply', '--yes')).stderr).toMatch(/--allow '?surplus-task:/)
    expect(await project.setup('apply', '--yes', '--allow', 'surplus-task')).toMatchObject({ exitCode: 0 })
  })

  it('fail without a secret of their script in any output', async () => {
    const project = openProject()
    const fixture = createInfluxFixture(server(), 'shop')
    const scriptOf = (mapped: string, imports = ''): string =>
      `${imports}from(bucket: "hot") |> range(start: -2h) |> map(fn: (r) => ({r with x: ${mapped}})) |> to(bucket: "cold")`
    const post = 'http.post(url: "http://127.0.0.1:9/services/OWNSECRET6?k=OWNSECRET7", data: bytes(v: "x"))'
    const die =
      'die(msg: "Post https://u:OWNSECRET9@chat.example/services/OWNSECRET5?k=OWNSECRET4: no answer to Authorization: Token OWNSECRET8, of cold")'
    const [posts, dies] = [scriptOf(post, 'import "http"\n\n'), scriptOf(die)]
    const failing = { posts: { every: '1h', flux: posts }, dies: { every: '1h', flux: dies } }
    project.write('migrations/influxdb/tasks.yaml', JSON.stringify({ tasks: failing }))
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    expect(await fixture.write('hot', `cpu,host=a load=1 ${minuteAgo()}`)).toBe(204)
    for (const name of ['posts', 'dies'])
      expect(await fixture.runTask(name, Math.floor(Date.now() / 1000) * 1000)).toBe('failed')
    const { stdout } = await project.setup('verify')
    expect(stdout).toMatch(/task posts runs: its last run failed: .*connection refused/)
    expect(stdout).toMatch(
      /task dies runs: its last run failed: .*Post https:\/\/chat\.example\/\*\*\* no answer to Authorization: \*\*\*, of cold/,
    )
    expect(stdout).not.toContain('OWNSECRET')
    expect((await project.setup('verify', '--json')).stdout).not.toContain('OWNSECRET')
  })

  it('are refused before anything is written where the server cannot parse the script', async () => {
    const project = openProject()
    project.write(
      'migrations/influxdb/bad.yaml',
      `tasks:\n  bad: { every: 1h, flux: 'from(bucket: "hot" |> range(' }\n`,
    )
    const { exitCode, stdout, stderr } = await project.setup('plan')
    expect(exitCode).not.toBe(0)
    expect(stdout + stderr).toContain('InfluxDB does not accept the script of task `bad`.')
  })

  it('are removed by --prune with their digest; a copy and one that a person changed stay and are named', async () => {
    const project = openProject()
    const fixture = createInfluxFixture(server(), 'shop')
    const { flux } = await fixture.task('copied')
    const { id } = await fixture.task('nightly')
    await fixture.patchTask(id, { every: '2h', cron: '' })
    const orgID = (await fixture.task('copied'))['orgID']
    const copy = { orgID, flux: String(flux).replace('name: "copied"', 'name: "by hand"') }
    const headers = { authorization: `Token ${influxAdmin.token}` }
    await fetch(`${server().url}/api/v2/tasks`, { method: 'POST', headers, body: JSON.stringify(copy) })
    expect((await project.setup('apply', '--prune', '--yes')).stderr).toMatch(/--allow '?removed-resource:/)
    expect(await project.setup('apply', '--prune', '--yes', '--allow', 'removed-resource')).toMatchObject({
      exitCode: 0,
    })
    expect((await fixture.names()).tasks).toEqual(['by hand', 'nightly'])
    const { stdout } = await project.setup('plan', '--prune')
    for (const name of ['task by hand', 'task nightly']) expect(stdout).toContain(name)
  })

  it('read the buckets of their own environment under a prefix', async () => {
    const project = openProject('pr_')
    project.write('migrations/influxdb/tasks.yaml', tasks)
    expect(await project.setup('apply')).toMatchObject({ exitCode: 0 })
    const fixture = createInfluxFixture(server(), 'pr_shop')
    expect(await fixture.write('pr_hot', `cpu,host=b load=2 ${minuteAgo()}`)).toBe(204)
    expect(await fixture.runTask('pr_copied', Math.floor(Date.now() / 1000) * 1000)).toBe('success')
    expect(await fixture.rows('pr_cold', 'cpu')).toMatchObject([{ host: 'b!', _value: '2' }])
  })
})
