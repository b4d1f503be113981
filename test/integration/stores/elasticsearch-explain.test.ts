import { afterEach, describe, expect, it } from 'vitest'
import { sampleDeclaration, withPhases } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'
import { type Guard, startGuard } from '../../helpers/elasticsearch/elasticsearch-guard.ts'
import { applyAll, withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

const day = 86_400_000
const now = Date.UTC(2026, 10, 25)

/** What a server with the whole of lifecycle management tells of indices, which the local node does not. */
describe.runIf(isAvailable('elasticsearch'))('an Elasticsearch that explains its lifecycles', () => {
  const stage = withElasticsearch()
  let guard: Guard | null = null
  afterEach(async () => {
    await guard?.close()
    guard = null
  })

  it('is believed about the rollover and the phase of an index, and about what is stuck', async () => {
    const { prefix, request } = stage()
    const before = stage().session(sampleDeclaration)
    await applyAll(before)
    await before.close()
    await request('POST', `/${prefix}system-logs/_rollover`)
    const { data_streams } = await request('GET', `/_data_stream/${prefix}system-logs`)
    const [old, young] = data_streams[0].indices.map((one: { readonly index_name: string }) => one.index_name)
    const answer = {
      indices: {
        [old]: {
          index_creation_date_millis: now - 102 * day,
          lifecycle_date_millis: now - 101 * day,
          phase: 'warm',
          failed_step: 'forcemerge',
          step_info: { reason: 'no space left' },
        },
        [young]: { index_creation_date_millis: now - 101 * day, lifecycle_date_millis: now - 101 * day, phase: 'hot' },
      },
    }
    guard = await startGuard({ url: stage().url, answers: { '/_ilm/explain': JSON.stringify(answer) } })
    const connection = { endpoints: [{ host: '127.0.0.1', port: guard.port }] }
    const shorter = withPhases((phases) => ({ ...phases, delete: { min_age: '100d', actions: { delete: {} } } }))
    const session = stage().session(shorter, { now, connection })
    const [change] = (await session.plan()).changes
    const checks = await session.verify()
    await session.close()
    expect(change?.loss?.affected).toEqual(
      expect.arrayContaining([
        `${old} (0 documents, rolled over 2026-08-16, 101 days ago, in phase warm; deleted at once)`,
        `${young} (0 documents, created 2026-08-16, 101 days ago, in phase hot)`,
      ]),
    )
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'lifecycle management runs',
        state: 'bad',
        seen: expect.stringContaining(`${old} at forcemerge: no space left`),
      }),
    )
  })
})
