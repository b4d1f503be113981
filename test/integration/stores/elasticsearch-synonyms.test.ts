import { afterAll, describe, expect, it } from 'vitest'
import { noOptions, type PlanOptions } from '../../../src/stores/contract.ts'
import { findDrift } from '../../../src/stores/find-drift.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { declarationOf } from '../../helpers/elasticsearch/elasticsearch-text.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'
import { openImportProject } from '../../helpers/stores/import-project.ts'

// Sets are written and read by the server's own service; on a node of the published jars, what removes their old rules is written for the tests.
const full = `
synonyms_sets:
  goods: ["tv, television", "pc => computer", "手机, 移动电话"]
  empty: []
`
const fewer = full.replace('"pc => computer", ', '')

describe.runIf(isAvailable('elasticsearch'))('synonyms sets', () => {
  const stage = withElasticsearch()
  const projects: { readonly close: () => void }[] = []
  afterAll(async () => {
    for (const project of projects) project.close()
    await open().clear()
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
  const rulesOf = async (name: string): Promise<readonly string[]> => {
    const { synonyms_set } = await stage().request('GET', `/_synonyms/${stage().prefix}${name}?size=100`)
    return synonyms_set.map(({ synonyms }: { readonly synonyms: string }) => synonyms)
  }

  it('are planned, made in their order, and read back', async () => {
    expect((await apply()).map(({ summary, loss }) => [short(summary), loss])).toEqual([
      ['create synonyms set goods', null],
      ['create synonyms set empty', null],
    ])
    expect(await rulesOf('goods')).toEqual(['tv, television', 'pc => computer', '手机, 移动电话'])
    expect(await rulesOf('empty')).toEqual([])
    expect((await open().compare()).findings).toEqual([])
    expect((await apply(fewer)).map(({ summary }) => short(summary))).toEqual(['change synonyms set goods'])
    expect(await rulesOf('goods')).toEqual(['tv, television', '手机, 移动电话'])
    await apply()
  })

  it('differ by each rule, are named, and made right again', async () => {
    const { prefix, request } = stage()
    const { synonyms_set } = await request('GET', `/_synonyms/${prefix}goods`)
    await request('PUT', `/_synonyms/${prefix}goods/${synonyms_set[0].id}`, { synonyms: 'tv, telly' })
    await request('PUT', `/_synonyms/${prefix}goods/own`, { synonyms: 'car, auto' })
    const [found] = findDrift(await open().compare())
    expect(found).toMatchObject({ code: 'STORE_DRIFT', resource: { kind: 'synonyms set' } })
    expect(found?.differences.map(({ actual, declared }) => [actual, declared])).toEqual([
      [null, 'tv, television'],
      ['car, auto', null],
      ['tv, telly', null],
    ])
    const [change] = (await open().plan()).changes
    expect(change?.loss).toMatchObject({ code: 'removed-rules', affected: ['`car, auto`', '`tv, telly`'] })
    await apply()
    await request('DELETE', `/_synonyms/${prefix}empty`)
    expect(findDrift(await open().compare()).map(({ code, resource }) => [code, short(resource.name)])).toEqual([
      ['STORE_MISSING', 'empty'],
    ])
    await apply()
  })

  it('keep the IDs of rules that somebody else wrote while these are as declared', async () => {
    const { prefix, request } = stage()
    await request('PUT', `/_synonyms/${prefix}empty`, { synonyms_set: [{ id: 'mine', synonyms: 'a, b' }] })
    const text = full.replace('empty: []', 'empty: ["a, b"]')
    expect((await open(text).plan()).changes).toEqual([])
    await apply()
  })

  it('are removed by --prune where their rules are what wwdb wrote, and named where they are not', async () => {
    const { prefix, request } = stage()
    const more = `${full}  spare: ["a, b"]\n  changed: ["c, d"]\n  copied: ["e, f"]\n`
    await apply(more)
    const { synonyms_set: spare } = await request('GET', `/_synonyms/${prefix}spare`)
    await request('PUT', `/_synonyms/${prefix}copy`, { synonyms_set: spare })
    const { synonyms_set: changed } = await request('GET', `/_synonyms/${prefix}changed`)
    await request('PUT', `/_synonyms/${prefix}changed/${changed[0].id}`, { synonyms: 'c, d, e' })
    await request('PUT', `/_synonyms/${prefix}hand`, { synonyms_set: [{ synonyms: 'x, y' }] })
    const inner = stage().session(declarationOf('synonyms_sets: { other: ["o, p"] }'), { prefix: `${prefix}inner_` })
    for (const change of (await inner.plan()).changes) await inner.apply(change)
    const { findings } = await open().compare()
    expect(findings.map(({ code, resource }) => `${code} ${short(resource.name)}`).toSorted()).toEqual(
      ['changed', 'copied', 'copy', 'hand', 'spare'].map((name) => `STORE_UNDECLARED ${name}`),
    )
    const session = open(full, { ...noOptions, prune: true })
    const { changes } = await session.plan()
    expect(changes.map(({ summary, loss }) => [short(summary), loss?.code]).toSorted()).toEqual([
      ['remove synonyms set copied, which no file declares any more', 'removed-resource'],
      ['remove synonyms set spare, which no file declares any more', 'removed-resource'],
    ])
    for (const change of changes) await session.apply(change)
    expect((await session.plan()).changes).toEqual([])
    await expect(request('GET', `/_synonyms/${prefix}spare`)).rejects.toThrow('404')
    expect((await inner.clear()).map(short)).toEqual(['synonyms set inner_other'])
    await inner.close()
  })

  it('are imported, and leave a plan nothing to change', async () => {
    const { prefix, url } = stage()
    const project = openImportProject('elasticsearch', { url }, {})
    projects.push(project)
    const { answer } = await project.importAll('--only', `${prefix}*`)
    expect(answer.declared.map(({ kind, name }) => `${kind} ${short(name)}`).toSorted()).toEqual(
      ['changed', 'copy', 'empty', 'goods', 'hand'].map((name) => `synonyms set ${name}`),
    )
    expect(await project.changes()).toEqual([])
  })

  it('are refused as the server says where a rule is none, and go with everything else under the prefix', async () => {
    await expect(apply('synonyms_sets: { wrong: ["a => b => c"] }')).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      faults: [{ why: expect.stringContaining('More than one explicit mapping') }],
    })
    expect((await open().clear()).map(short).toSorted()).toEqual(
      ['changed', 'copy', 'empty', 'goods', 'hand'].map((name) => `synonyms set ${name}`),
    )
  })
})
