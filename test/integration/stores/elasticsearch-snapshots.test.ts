import { afterAll, describe, expect, it } from 'vitest'
import { noOptions, type PlanOptions } from '../../../src/stores/contract.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

// Repositories are the server's own. Policies are parsed, validated and kept by its own code; on a node of the published jars, nothing carries them out.
const full = `
snapshot_repositories:
  backups: { type: fs, settings: { location: backups, compress: true } }
  archive: { type: fs, settings: { location: deep/archive, readonly: true } }
snapshot_policies:
  nightly:
    schedule: 0 30 1 * * ?
    name: <nightly-{now/d}>
    repository: backups
    config: { indices: [logs-*, people], include_global_state: false, metadata: { team: ops } }
    retention: { expire_after: 30d, min_count: 5, max_count: 50 }
  weekly: { schedule: 0 30 2 ? * SUN, name: "<weekly-{now/d}>", repository: backups }
policies:
  keep: { phases: { delete: { min_age: 9d, actions: { wait_for_snapshot: { policy: nightly }, delete: {} } } } }
`

describe.runIf(isAvailable('elasticsearch'))('snapshot repositories and policies', () => {
  const stage = withElasticsearch()
  const projects: { readonly close: () => void }[] = []
  afterAll(() => {
    for (const project of projects) project.close()
  })
  const open = (text = full, options: PlanOptions = noOptions) => stage().session(declarationOf(text), { options })
  const short = (text: string): string => text.replaceAll(stage().prefix, '')
  const apply = async (text = full, options: PlanOptions = noOptions): Promise<readonly StoreChange[]> => {
    const session = open(text, options)
    const { changes } = await session.plan()
    for (const change of changes) await session.apply(change)
    expect((await session.plan()).changes).toEqual([])
    return changes
  }
  const said = (changes: readonly StoreChange[]) =>
    changes.map(({ summary, loss }) => [short(summary), loss?.code ?? null])

  it('are planned before what names them, made, and read back; no environment writes into the place of another', async () => {
    expect(said(await apply()).map(([summary]) => summary)).toEqual([
      'create snapshot repository backups of type fs',
      'create snapshot repository archive of type fs',
      'create snapshot policy nightly, into backups',
      'create snapshot policy weekly, into backups',
      'create lifecycle policy keep: deleted after 9 days',
    ])
    const { prefix, request } = stage()
    const [backups] = Object.values(await request('GET', `/_snapshot/${prefix}backups`))
    expect(backups).toMatchObject({ type: 'fs', settings: { location: `${prefix}backups`, compress: 'true' } })
    const [archive] = Object.values(await request('GET', `/_snapshot/${prefix}archive`))
    expect(archive).toMatchObject({ settings: { location: 'deep/archive' } })
    const [nightly] = Object.values<{ readonly policy: object }>(await request('GET', `/_slm/policy/${prefix}nightly`))
    expect(nightly?.policy).toMatchObject({
      repository: `${prefix}backups`,
      config: { indices: [`${prefix}logs-*`, `${prefix}people`], metadata: { team: 'ops', managed_by: 'wwdb' } },
    })
    const session = open()
    expect((await session.compare()).findings).toEqual([])
    const proofs = await session.verify()
    expect(proofs.find(({ name }) => name.startsWith('every node writes'))).toMatchObject({
      state: 'good',
      seen: '1 of 1',
    })
  })

  it('take a snapshot where they say', async () => {
    const { prefix, request } = stage()
    await request('PUT', `/${prefix}people`)
    const made = await request('PUT', `/_snapshot/${prefix}backups/first?wait_for_completion=true`, {
      indices: `${prefix}people`,
    })
    expect(made.snapshot.state).toBe('SUCCESS')
    await request('DELETE', `/_snapshot/${prefix}backups/first`)
    await request('DELETE', `/${prefix}people`)
  })

  it('change in place, and ask where snapshots are lost, fewer or gone sooner', async () => {
    const faster = full.replace('compress: true', 'compress: false')
    expect(said(await apply(faster))).toEqual([['change snapshot repository backups: settings.compress', null]])
    const moved = full.replace('location: backups', 'location: others')
    expect(said(await apply(moved))).toEqual([
      ['change snapshot repository backups: settings.location, settings.compress', 'changed-repository'],
    ])
    const weaker = full
      .replace('expire_after: 30d', 'expire_after: 3d')
      .replace('[logs-*, people]', '[people]')
      .replace('SUN', 'MON')
    const changes = await apply(weaker)
    expect(changes.map(({ loss }) => loss?.code ?? null)).toEqual([
      'changed-repository',
      'weaker-snapshots',
      'weaker-snapshots',
    ])
    expect(changes[1]?.loss?.why).toBe(
      'Some of what its snapshots have so far is in none of the later ones. Snapshots that it took are removed sooner.',
    )
    expect(changes[2]?.loss?.why).toBe('With another schedule, fewer snapshots may be taken.')
    expect(said(await apply()).map(([, loss]) => loss)).toEqual([null, 'weaker-snapshots'])
  })

  it('ask before a retention begins where snapshots of its name are', async () => {
    const { prefix, request } = stage()
    const path = `/_snapshot/${prefix}backups/earlier`
    await request('PUT', `${path}?wait_for_completion=true`, {
      indices: `${prefix}none*`,
      metadata: { policy: `${prefix}nightly` },
    })
    await request('DELETE', `/_slm/policy/${prefix}nightly`)
    const planned = async () => (await open().plan()).changes.map(({ summary, loss }) => [short(summary), loss?.why])
    expect(await planned()).toEqual([
      [
        'create snapshot policy nightly, into backups',
        `Repository \`${prefix}backups\` has a snapshot of a policy with this name: the retention removes those that are due.`,
      ],
    ])
    await request('DELETE', path)
    expect(await planned()).toEqual([['create snapshot policy nightly, into backups', undefined]])
    await apply()
  })

  it('say that a repository is registered where no node can write into it', async () => {
    const { prefix, request } = stage()
    await request('PUT', `/_snapshot/${prefix}backups/one?wait_for_completion=true`, { indices: `${prefix}none*` })
    await request('DELETE', `/_snapshot/${prefix}backups/one`)
    // No folder can be made below a file.
    const location = `${prefix}backups/index.latest/below`
    const broken = `snapshot_repositories: { broken: { type: fs, settings: { location: ${location} } } }`
    await expect(apply(broken)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [
        {
          what: `Snapshot repository \`${prefix}broken\` is registered, but not every node can write into it.`,
          why: expect.stringContaining('broken'),
        },
      ],
    })
    expect((await open(broken).plan()).changes).toEqual([])
    await request('DELETE', `/_snapshot/${prefix}broken`)
  })

  const drifts: readonly (readonly [
    what: string,
    drift: (prefix: string) => readonly [method: string, path: string, body?: object],
    found: readonly string[],
  ])[] = [
    [
      'a policy that was paused by another schedule',
      (p) => [
        'PUT',
        `/_slm/policy/${p}weekly`,
        {
          schedule: '0 0 0 1 1 ? 2099',
          name: '<weekly-{now/d}>',
          repository: `${p}backups`,
          config: { indices: [`${p}*`] },
        },
      ],
      ['STORE_DRIFT weekly schedule'],
    ],
    [
      'something that was added to a policy',
      (p) => [
        'PUT',
        `/_slm/policy/${p}weekly`,
        {
          schedule: '0 30 2 ? * SUN',
          name: '<weekly-{now/d}>',
          repository: `${p}backups`,
          config: { indices: [`${p}*`], partial: true },
          retention: { max_count: 2 },
        },
      ],
      ['STORE_DRIFT weekly config.partial,retention.max_count'],
    ],
    [
      'a repository with another setting',
      (p) => [
        'PUT',
        `/_snapshot/${p}archive`,
        { type: 'fs', settings: { location: 'deep/archive', chunk_size: '1gb' } },
      ],
      ['STORE_DRIFT archive settings.readonly'],
    ],
    ['a policy that was removed', (p) => ['DELETE', `/_slm/policy/${p}weekly`], ['STORE_MISSING weekly ']],
  ]

  it('name a repository that somebody made read-only, as no snapshot is written into it', async () => {
    const { prefix, request } = stage()
    const settings = { location: `${prefix}backups`, compress: true, readonly: true }
    await request('PUT', `/_snapshot/${prefix}backups`, { type: 'fs', settings })
    const proofs = await open().verify()
    expect(proofs.find(({ name }) => name.startsWith('every node writes'))).toMatchObject({
      state: 'bad',
      seen: `${prefix}backups: it is read-only on the server`,
    })
    expect(said(await apply())).toEqual([
      ['change snapshot repository backups: settings.readonly', 'changed-repository'],
    ])
  })

  it.each(drifts)('finds %s, names it and puts it right', async (_what, drift, expected) => {
    const { prefix, request } = stage()
    await request(...drift(prefix))
    const found = findDrift(await open().compare())
    expect(
      found.map(
        (one) => `${one.code} ${short(one.resource.name)} ${one.differences.map(({ path }) => path).join(',')}`,
      ),
    ).toEqual(expected)
    await apply()
  })

  it('refuses a repository that is made elsewhere and is not there, and takes one that is', async () => {
    const { prefix, request } = stage()
    const elsewhere = full.replace(
      'SUN, name: "<weekly-{now/d}>", repository: backups',
      'SUN, name: "<weekly-{now/d}>", repository: { existing: NAME }',
    )
    await expect(open(elsewhere.replace('NAME', 'nowhere')).plan()).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ what: `Snapshot policy \`${prefix}weekly\` names repository \`nowhere\`, which does not exist.` }],
    })
    const name = `${prefix}by-hand`
    await request('PUT', `/_snapshot/${name}`, { type: 'fs', settings: { location: name } })
    expect(said(await apply(elsewhere.replace('NAME', name)))).toEqual([
      [`change snapshot policy weekly: repository to by-hand`, null],
    ])
    await apply()
    const { findings } = await open().compare()
    expect(findings.map(({ code, resource }) => `${code} ${resource.kind} ${short(resource.name)}`)).toEqual([
      'STORE_UNDECLARED snapshot repository by-hand',
    ])
  })

  it('imports what is there, and leaves a plan nothing to change', async () => {
    const { prefix, url } = stage()
    const project = openImportProject('elasticsearch', { url }, {})
    projects.push(project)
    const { answer } = await project.importAll('--only', `${prefix}*`)
    expect(answer.declared.map(({ kind, name }) => `${kind} ${short(name)}`).toSorted()).toEqual([
      'lifecycle policy keep',
      'snapshot policy nightly',
      'snapshot policy weekly',
      'snapshot repository archive',
      'snapshot repository backups',
      'snapshot repository by-hand',
    ])
    expect(answer.notDeclarable).toEqual([])
    expect(await project.changes()).toEqual([])
  })

  it('imports no repository with a secret, and says which one', async () => {
    const { prefix, request, url } = stage()
    const settings = { location: `${prefix}secret`, authToken: 'hidden-word' }
    await request('PUT', `/_snapshot/${prefix}secret`, { type: 'fs', settings })
    const project = openImportProject('elasticsearch', { url }, {})
    projects.push(project)
    const { answer } = await project.importAll('--only', `${prefix}secret`)
    expect(answer.declared).toEqual([])
    expect(answer.notDeclarable).toMatchObject([
      { resource: { name: `${prefix}secret` }, why: expect.stringContaining('is a secret, and cannot be declared') },
    ])
    expect(JSON.stringify(answer)).not.toContain('hidden-word')
    await request('DELETE', `/_snapshot/${prefix}secret`)
  })

  it('prunes a policy that no file declares any more, unless a lifecycle waits for it, and no repository', async () => {
    const options = { ...noOptions, prune: true }
    const spare = full.replace(/ {2}archive: .*\n/, '').replace(/ {2}weekly: .*\n/, '')
    expect(said(await apply(spare, options))).toEqual([
      ['remove snapshot policy weekly, which no file declares any more', 'removed-resource'],
    ])
    const { prefix, request } = stage()
    await request('PUT', `/_ilm/policy/${prefix}hand`, {
      policy: {
        phases: {
          delete: { min_age: '1d', actions: { wait_for_snapshot: { policy: `${prefix}nightly` }, delete: {} } },
        },
      },
    })
    const waiting = spare
      .replace(/ {2}nightly:\n(?: {4}.*\n)+/, '  other: { schedule: 0 0 3 * * ?, name: o, repository: backups }\n')
      .replace(/policies:\n {2}keep: .*\n/, '')
    expect(said(await apply(waiting, options))).toEqual([
      ['create snapshot policy other, into backups', null],
      ['remove lifecycle policy keep, which no file declares any more', 'removed-resource'],
    ])
    await request('DELETE', `/_ilm/policy/${prefix}hand`)
    expect((await open().clear()).map(short).toSorted()).toEqual([
      'snapshot policy nightly',
      'snapshot policy other',
      'snapshot repository archive',
      'snapshot repository backups',
      'snapshot repository by-hand',
    ])
  })
})
