import { asSaid, type InBoth, joinBoth } from '../../core/in-both.ts'
import { countOf } from '../../core/plural.ts'
import type { StoreContext, VerifyDepth } from '../contract.ts'
import { type StoreProof, toProof } from '../outcome.ts'
import { findOverruled } from './apply.ts'
import { type Declaration, seriesNames } from './declaration.ts'
import type { ClusterHealth } from './health-ports.ts'
import { judgeSnapshotRuns } from './judge-snapshot-runs.ts'
import { type Observation, observeState } from './observe.ts'
import type { ElasticsearchDriver } from './ports.ts'
import { isReadOnly } from './snapshot-places.ts'
import { verifySeries } from './verify-series.ts'

/** Every analysis splits it differently; each of them finds it by these words. */
const sentence = '企业微信实例连接超时,请检查网络配置'
const finding = ['连接超时', '网络配置']
const missing = ['数据备份']

type Context = StoreContext<Declaration, ElasticsearchDriver>

/** Proves that a new index would be as declared, that everything accepts writes, and that Chinese text is found. */
export async function verify(context: Context, depth: VerifyDepth): Promise<readonly StoreProof[]> {
  const observation = await observeState(context)
  const health = await context.driver.readHealth([...observation.observed.series.keys()])
  return [
    judgeHealth(health),
    ...judgeLifecycle(health),
    ...(await verifySeries(observation, context.driver)),
    ...(await judgeTemplates(observation, context.driver)),
    ...(await judgeUsers(observation, context.driver)),
    ...(await judgeSnapshots(observation, context)),
    ...(depth === 'look' ? [] : await tryRepositories(observation, context)),
    ...(depth === 'look' ? [] : await tryAnalyses(observation, context)),
  ]
}

function judgeHealth({ status, nodes }: ClusterHealth): StoreProof {
  const name = { en: 'the cluster is healthy', zh: '集群健康' }
  const seen = { en: `status ${status}, ${countOf(nodes, 'node')}`, zh: `状态 ${status}，${nodes} 个节点` }
  if (status === 'green') return toProof('good', name, seen, null)
  if (status === 'red') {
    return toProof('bad', name, seen, {
      en: 'Some data cannot be read: see GET _cluster/allocation/explain.',
      zh: '部分数据无法读取：请查看 GET _cluster/allocation/explain。',
    })
  }
  const next =
    nodes === 1
      ? { en: 'With one node, replicas cannot be assigned.', zh: '只有一个节点，无法分配副本。' }
      : {
          en: 'Some replicas are unassigned: see GET _cluster/allocation/explain.',
          zh: '部分副本未分配：请查看 GET _cluster/allocation/explain。',
        }
  return toProof('warning', name, seen, next)
}

function judgeLifecycle({ lifecycle, stuck }: ClusterHealth): readonly StoreProof[] {
  const name = { en: 'lifecycle management runs', zh: '生命周期管理（ILM）正在运行' }
  if (lifecycle === null) return []
  if (lifecycle !== 'RUNNING') {
    const seen = { en: `it is ${lifecycle}`, zh: `状态为 ${lifecycle}` }
    const next = { en: 'Start it with POST _ilm/start.', zh: '请用 POST _ilm/start 启动。' }
    return [toProof('bad', name, seen, next)]
  }
  if (stuck === null) {
    const seen = {
      en: 'it is RUNNING; this server does not report which indices are stuck',
      zh: '状态为 RUNNING；该服务器不报告哪些索引卡住',
    }
    return [toProof('good', name, seen, null)]
  }
  if (stuck.length === 0) {
    const seen = { en: 'it is RUNNING, and no index is stuck', zh: '状态为 RUNNING，没有索引卡住' }
    return [toProof('good', name, seen, null)]
  }
  const next = {
    en: 'Fix the cause, then run POST <index>/_ilm/retry.',
    zh: '请消除原因，然后执行 POST <index>/_ilm/retry。',
  }
  return [toProof('bad', name, asSaid(stuck.join('; ')), next)]
}

async function judgeTemplates(observation: Observation, driver: ElasticsearchDriver): Promise<readonly StoreProof[]> {
  const name = { en: 'new indices match the declaration', zh: '新建索引与声明一致' }
  const wrong: string[] = []
  for (const template of observation.desired.templates) {
    for (const series of seriesNames(template.source)) {
      const { paths } = await findOverruled(series, template, observation, driver)
      if (paths.length > 0) wrong.push(`${series}: ${paths.slice(0, 3).join(', ')}`)
    }
  }
  if (wrong.length === 0) {
    return [toProof('good', name, { en: 'asked with _simulate_index', zh: '已用 _simulate_index 确认' }, null)]
  }
  const next = {
    en: 'Run `wwdb setup plan --only elasticsearch`.',
    zh: '请执行 `wwdb setup plan --only elasticsearch`。',
  }
  return [toProof('bad', name, asSaid(wrong.join('; ')), next)]
}

/** Every declared user logs in, as an application does. */
async function judgeUsers(
  { desired, observed }: Observation,
  driver: ElasticsearchDriver,
): Promise<readonly StoreProof[]> {
  const tried = desired.access.users.filter(({ password, enabled }) => password !== '' && enabled)
  if (observed.access?.type !== 'on' || tried.length === 0) return []
  const name = { en: 'declared users sign in', zh: '已声明的用户可以登录' }
  const answers = await Promise.all(
    tried.map(async (user) => ({ user: user.name, roles: await driver.signIn(user.name, user.password) })),
  )
  const out = answers.filter(({ roles }) => roles === null).map(({ user }) => user)
  if (out.length === 0) return [toProof('good', name, all(tried.length), null)]
  return [toProof('bad', name, not(out), runApply)]
}

async function judgeSnapshots({ desired }: Observation, { driver, run }: Context): Promise<readonly StoreProof[]> {
  const { policies } = desired.snapshots
  return policies.length === 0 ? [] : judgeSnapshotRuns(policies, await driver.readSnapshotRuns(), run.now())
}

/** Every node writes into each repository, and removes it again; one that only reads on the server takes no snapshot. */
async function tryRepositories(
  { desired, observed }: Observation,
  { driver }: Context,
): Promise<readonly StoreProof[]> {
  const declared = desired.snapshots.repositories.flatMap((repository) => {
    const found = observed.snapshots.repositories.get(repository.name)
    return found === undefined || isReadOnly(repository) ? [] : [{ name: repository.name, closed: isReadOnly(found) }]
  })
  if (declared.length === 0) return []
  const tried = await Promise.all(
    declared.map(async ({ name, closed }) => {
      if (closed) return { name, why: { en: 'it is read-only on the server', zh: '它在服务器上是只读的' } }
      const why = await driver.tryRepository(name)
      return { name, why: why === null ? null : asSaid(why) }
    }),
  )
  const wrong = tried.flatMap(({ name, why }) => (why === null ? [] : [joinBoth([asSaid(name), why], colon)]))
  const title = { en: 'every node writes into the snapshot repositories', zh: '每个节点都能写入快照仓库' }
  if (wrong.length === 0) return [toProof('good', title, all(declared.length), null)]
  const next = {
    en: 'Let every node reach the same storage, with the same keystore. For one that is read-only, run `wwdb setup plan --only elasticsearch`.',
    zh: '请让每个节点都能访问同一存储，并使用相同的密钥库。只读的仓库请执行 `wwdb setup plan --only elasticsearch`。',
  }
  return [toProof('bad', title, joinBoth(wrong, { en: '; ', zh: '；' }), next)]
}

const colon: InBoth = { en: ': ', zh: '：' }

const runApply: InBoth = {
  en: 'Run `wwdb setup apply --only elasticsearch`.',
  zh: '请执行 `wwdb setup apply --only elasticsearch`。',
}

function all(count: number): InBoth {
  return { en: `${count} of ${count}`, zh: `共 ${count} 个，全部如此` }
}

function not(names: readonly string[]): InBoth {
  return { en: `not ${names.join(', ')}`, zh: `以下除外：${names.join('、')}` }
}

/** One canary for each component that splits Chinese text. */
async function tryAnalyses(observation: Observation, { driver, prefix, run }: Context): Promise<readonly StoreProof[]> {
  const checks: StoreProof[] = []
  for (const { name: component, source } of observation.desired.components) {
    if (source.chinese === null) continue
    const name = { en: `a Chinese sentence is found (${component})`, zh: `能搜索到中文句子（${component}）` }
    if (!observation.observed.components.has(component)) {
      const seen = { en: `${component} does not exist`, zh: `${component} 不存在` }
      const next = { en: 'Run `wwdb setup apply`.', zh: '请执行 `wwdb setup apply`。' }
      checks.push(toProof('bad', name, seen, next))
      continue
    }
    const { wrong, terms, cleared } = await driver.tryCanary({
      name: `${prefix}wwdb-canary-${run.now().toString(36)}`,
      components: [component],
      analyzers: source.chinese,
      sentence,
      finding,
      missing,
    })
    const analysis = observation.observed.components.get(component)?.meta['chinese_analysis']
    const words = `${terms.slice(0, 6).join(' ')}${terms.length > 6 ? ' ...' : ''}`
    const removed = cleared.join(', ')
    const cut = {
      en: `${analysis ?? 'an unknown analysis'} splits it into ${words}${removed === '' ? '' : `; removed ${removed} of an interrupted run`}`,
      zh: `${analysis ?? '未知的分词方式'} 将其切分为 ${words}${removed === '' ? '' : `；已删除中断的运行留下的 ${removed}`}`,
    }
    const next = { en: 'Check the analyzers with POST _analyze.', zh: '请用 POST _analyze 检查分词器。' }
    checks.push(
      wrong.length === 0
        ? toProof('good', name, cut, null)
        : toProof('bad', name, joinBoth([asSaid(wrong.join(', ')), cut], { en: '; ', zh: '；' }), next),
    )
  }
  return checks
}
