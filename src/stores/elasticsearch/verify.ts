import { countOf } from '../../core/plural.ts'
import type { StoreContext, VerifyDepth } from '../contract.ts'
import type { StoreCheck } from '../outcome.ts'
import { findOverruled } from './apply.ts'
import { type Declaration, seriesNames } from './declaration.ts'
import { type Observation, observeState } from './observe.ts'
import type { ClusterHealth, ElasticsearchDriver } from './ports.ts'

/** Every analysis cuts it in another way; each of them finds it by these words. */
const sentence = '企业微信实例连接超时,请检查网络配置'
const finding = ['连接超时', '网络配置']
const missing = ['数据备份']

type Context = StoreContext<Declaration, ElasticsearchDriver>

/** Proves that a new index would be as declared, that everything takes writes, and that Chinese text is found. */
export async function verify(context: Context, depth: VerifyDepth): Promise<readonly StoreCheck[]> {
  const observation = await observeState(context)
  const names = observation.desired.templates.flatMap(({ source }) => seriesNames(source))
  const health = await context.driver.readHealth([...observation.observed.series.keys()])
  return [
    judgeHealth(health),
    ...judgeLifecycle(health),
    judgeSeries(names, observation),
    ...(await judgeTemplates(observation, context.driver)),
    ...(await judgeUsers(observation, context.driver)),
    ...(depth === 'look' ? [] : await tryAnalyses(observation, context)),
  ]
}

function judgeHealth({ status, nodes }: ClusterHealth): StoreCheck {
  const name = 'the cluster is healthy'
  const seen = `status ${status}, ${countOf(nodes, 'node')}`
  if (status === 'green') return { name, state: 'good', seen, next: null }
  if (status === 'red') {
    return { name, state: 'bad', seen, next: 'Some data cannot be read: see GET _cluster/allocation/explain.' }
  }
  const next =
    nodes === 1
      ? 'With one node, replicas cannot be assigned.'
      : 'Some replicas are unassigned: see GET _cluster/allocation/explain.'
  return { name, state: 'warning', seen, next }
}

function judgeLifecycle({ lifecycle, stuck }: ClusterHealth): readonly StoreCheck[] {
  const name = 'lifecycle management runs'
  if (lifecycle === null) return []
  if (lifecycle !== 'RUNNING') {
    return [{ name, state: 'bad', seen: `it is ${lifecycle}`, next: 'Start it with POST _ilm/start.' }]
  }
  if (stuck === null) {
    return [
      { name, state: 'good', seen: 'it is RUNNING; this server does not report which indices are stuck', next: null },
    ]
  }
  if (stuck.length === 0) return [{ name, state: 'good', seen: 'it is RUNNING, and no index is stuck', next: null }]
  return [{ name, state: 'bad', seen: stuck.join('; '), next: 'Fix the cause, then run POST <index>/_ilm/retry.' }]
}

function judgeSeries(names: readonly string[], observation: Observation): StoreCheck {
  const name = 'every data stream and alias accepts writes'
  const without = names.filter((one) => (observation.observed.series.get(one)?.writeIndex ?? null) === null)
  if (without.length === 0) return { name, state: 'good', seen: `${names.length} of ${names.length}`, next: null }
  return { name, state: 'bad', seen: `not ${without.join(', ')}`, next: 'Run `wwdb setup apply --only elasticsearch`.' }
}

async function judgeTemplates(observation: Observation, driver: ElasticsearchDriver): Promise<readonly StoreCheck[]> {
  const name = 'new indices match the declaration'
  const wrong: string[] = []
  for (const template of observation.desired.templates) {
    for (const series of seriesNames(template.source)) {
      const { paths } = await findOverruled(series, template, observation, driver)
      if (paths.length > 0) wrong.push(`${series}: ${paths.slice(0, 3).join(', ')}`)
    }
  }
  if (wrong.length === 0) return [{ name, state: 'good', seen: 'asked with _simulate_index', next: null }]
  return [{ name, state: 'bad', seen: wrong.join('; '), next: 'Run `wwdb setup plan --only elasticsearch`.' }]
}

/** Every declared user signs in, as an application does. */
async function judgeUsers(
  { desired, observed }: Observation,
  driver: ElasticsearchDriver,
): Promise<readonly StoreCheck[]> {
  const tried = desired.access.users.filter(({ password, enabled }) => password !== '' && enabled)
  if (observed.access?.type !== 'on' || tried.length === 0) return []
  const name = 'declared users sign in'
  const answers = await Promise.all(
    tried.map(async (user) => ({ user: user.name, roles: await driver.signIn(user.name, user.password) })),
  )
  const out = answers.filter(({ roles }) => roles === null).map(({ user }) => user)
  if (out.length === 0) return [{ name, state: 'good', seen: `${tried.length} of ${tried.length}`, next: null }]
  return [{ name, state: 'bad', seen: `not ${out.join(', ')}`, next: 'Run `wwdb setup apply --only elasticsearch`.' }]
}

/** One canary for each component that cuts Chinese text. */
async function tryAnalyses(observation: Observation, { driver, prefix, run }: Context): Promise<readonly StoreCheck[]> {
  const checks: StoreCheck[] = []
  for (const { name: component, source } of observation.desired.components) {
    if (source.chinese === null) continue
    const name = `a Chinese sentence is found (${component})`
    if (!observation.observed.components.has(component)) {
      checks.push({ name, state: 'bad', seen: `${component} does not exist`, next: 'Run `wwdb setup apply`.' })
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
    const removed = cleared.length === 0 ? '' : `; removed ${cleared.join(', ')} of an interrupted run`
    const analysis = observation.observed.components.get(component)?.meta['chinese_analysis'] ?? 'an unknown analysis'
    const cut = `${analysis} splits it into ${terms.slice(0, 6).join(' ')}${terms.length > 6 ? ' ...' : ''}${removed}`
    checks.push(
      wrong.length === 0
        ? { name, state: 'good', seen: cut, next: null }
        : {
            name,
            state: 'bad',
            seen: `${wrong.join(', ')}; ${cut}`,
            next: 'Check the analyzers with POST _analyze.',
          },
    )
  }
  return checks
}
