import { describe, expect, it } from 'vitest'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

const day = 86_400_000

// On a node of the published jars, a policy takes a snapshot when it is asked to, by the server's own service; no schedule does.
const declared = `
snapshot_repositories: { backups: { type: fs, settings: { location: backups } } }
snapshot_policies:
  nightly: { schedule: 0 30 1 * * ?, name: "<nightly-{now{yyyy.MM.dd-HH.mm.ss.SSS}}>", repository: backups, config: { indices: [people] } }
`

describe.runIf(isAvailable('elasticsearch'))('the snapshots of declared policies', () => {
  const stage = withElasticsearch()
  const open = (now = Date.now()) => stage().session(declarationOf(declared), { now })
  const short = (text: string): string => text.replaceAll(stage().prefix, '')
  const execute = () => stage().request('POST', `/_slm/policy/${stage().prefix}nightly/_execute`)
  const verify = async (now?: number) => {
    const session = open(now)
    const proofs = await session.verify('look')
    await session.close()
    const { state = '', seen = '' } = proofs.find(({ name }) => name === 'snapshot policies take their snapshots') ?? {}
    return { state, seen: short(seen) }
  }

  it('are looked at by verify: none yet, one that failed, one that succeeded, one that is missing', async () => {
    const session = open()
    for (const change of (await session.plan()).changes) await session.apply(change)
    await session.close()
    expect(await verify()).toMatchObject({
      state: 'not-judged',
      seen: expect.stringContaining('it has taken no snapshot'),
    })
    expect((await verify(Date.now() + 3 * day)).seen).toMatch(
      /^nightly: it has taken no snapshot, and one was due at .* 01:30 UTC$/,
    )
    await execute()
    const failed = await verify()
    expect(failed.state).toBe('bad')
    expect(failed.seen).toMatch(
      /^nightly: its last snapshot, nightly-\S+, failed at .* UTC: no such index \[people\].*; it has taken none before$/,
    )
    await stage().request('PUT', `/${stage().prefix}people`)
    await execute()
    expect(await verify()).toMatchObject({ state: 'good', seen: expect.stringContaining('1 of 1 have taken one') })
    expect((await verify(Date.now() + 3 * day)).seen).toMatch(
      /^nightly: its last snapshot is of .* UTC, and one was due at .* 01:30 UTC$/,
    )
    await stage().request('DELETE', `/${stage().prefix}people`)
    await execute()
    expect((await verify()).seen).toMatch(/failed at .*no such index.*; the last good one is of .* UTC$/)
  })
})
