import { asSaid, type InBoth } from '../../core/in-both.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext, VerifyDepth } from '../contract.ts'
import type { StoreProof } from '../outcome.ts'
import { check } from '../outcome.ts'
import { checkCluster } from './check-cluster.ts'
import { checkEviction, judgeSamples } from './check-families.ts'
import { checkUsers } from './check-users.ts'
import type { Declaration } from './declaration.ts'
import { observedNodes, readCommands, settingsOf } from './observe.ts'
import type { KeySample, NodeObservation, ObservedNode, RedisDriver } from './ports.ts'

type Context = StoreContext<Declaration, RedisDriver>

/**
 * Asks every node directly and reports what works and what does not. A node that does not answer is a finding, not a failure.
 * @throws ToolError of the first node when none answers.
 */
export async function verify(context: Context, depth: VerifyDepth): Promise<readonly StoreProof[]> {
  const { declaration, driver } = context
  const nodes = await driver.observe(settingsOf(declaration))
  const observed = observedNodes(nodes)
  const removed = declaration.cluster?.remove ?? []
  const serving = observed.filter(({ node }) => !removed.includes(node))
  const [first] = nodes
  if (observed.length === 0 && first?.type === 'unreachable') throw first.fault
  return [
    checkAnswers(nodes),
    ...(declaration.cluster === null ? [] : checkCluster(declaration.cluster, serving)),
    ...(depth === 'look' ? [] : await proveWriting(context, observed)),
    ...checkDisk(observed),
    ...checkEviction(declaration.families, observed),
    ...checkUsers(observed, await readCommands(driver, observed)),
    ...(await sampleFamilies(context, serving)),
  ]
}

function checkAnswers(nodes: readonly NodeObservation[]): StoreProof {
  const silent = nodes.flatMap((node) => (node.type === 'unreachable' ? [node] : []))
  const why = silent.map(({ node, fault }) => asSaid(`${node}: ${wordsOf(fault)}`))
  const versions = [...new Set(observedNodes(nodes).map(({ version }) => version))]
  return check({ en: 'every node answers', zh: '每个节点都有应答' }, why, {
    good: {
      en: `${nodes.length} of ${nodes.length}, Redis ${versions.join(' and ')}`,
      zh: `${nodes.length} 个节点，Redis ${versions.join('、')}`,
    },
    next: { en: 'Start the listed nodes, or repair the network to them.', zh: '请启动所列节点，或修复到它们的网络。' },
  })
}

/** Writes to each primary and waits for its replicas: what nodes report about each other proves nothing. */
async function proveWriting(
  { declaration, driver, prefix }: Context,
  seen: readonly ObservedNode[],
): Promise<readonly StoreProof[]> {
  const replicas = declaration.cluster?.replicas ?? 0
  const writers = seen.filter(
    ({ role, cluster }) => role === 'primary' && (cluster === null || cluster.slots.length > 0),
  )
  const outcomes = await Promise.all(
    writers.map(async ({ node }): Promise<readonly InBoth[]> => {
      const proof = await reasonOf(() => driver.proveWriting(node, prefix, replicas))
      if (typeof proof === 'string') return [asSaid(`${node}: ${proof}`)]
      return proof.replicas >= replicas
        ? []
        : [
            {
              en: `${node}: ${proof.replicas} of ${replicas} replicas received it in time`,
              zh: `${node}：${replicas} 个从节点中有 ${proof.replicas} 个按时收到`,
            },
          ]
    }),
  )
  return [
    check({ en: 'every primary accepts writes', zh: '每个主节点都能写入' }, outcomes.flat(), {
      good: {
        en: `a key was written to each of ${writers.length}${replicas === 0 ? '' : ', and its replicas received it'}, read and removed`,
        zh: `已向 ${writers.length} 个主节点各写入一个键${replicas === 0 ? '' : '，其从节点均已收到'}，读取后删除`,
      },
      next: { en: 'Look at the checks of the listed nodes.', zh: '请查看所列节点的检查结果。' },
    }),
  ]
}

async function sampleFamilies(
  { declaration, driver, prefix }: Context,
  seen: readonly ObservedNode[],
): Promise<readonly StoreProof[]> {
  if (declaration.families.length === 0) return []
  const samples: KeySample[] = []
  const unread: InBoth[] = []
  for (const { node } of seen.filter(({ role }) => role === 'primary')) {
    // While slots are not served, nodes refuse to list their keys.
    const sample = await reasonOf(() => driver.sample(node, prefix, declaration.sample))
    if (typeof sample === 'string') unread.push(asSaid(`${node}: ${sample}`))
    else samples.push(sample)
  }
  const next = {
    en: 'Look at the checks of the listed nodes, and verify again.',
    zh: '请查看所列节点的检查结果，然后再次验证。',
  }
  const name = { en: 'keys can be read', zh: '能够读取键' }
  const missing = unread.length === 0 ? [] : [check(name, unread, { good: asSaid(''), next })]
  return [...missing, ...judgeSamples(declaration.families, samples)]
}

/** The value, or why there is none. */
async function reasonOf<Value extends object>(work: () => Promise<Value>): Promise<Value | string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ToolError) return wordsOf(error)
    throw error
  }
}

function wordsOf({ faults, message }: ToolError): string {
  return (faults[0]?.why ?? message).replace(/\.$/, '')
}

/** Whether writes reach the disk. */
function checkDisk(seen: readonly ObservedNode[]): readonly StoreProof[] {
  const failures = seen.flatMap(({ node, persistence }) => [
    ...(persistence.loading ? [{ en: `${node} is still reading its data`, zh: `${node} 仍在加载数据` }] : []),
    ...(persistence.lastSnapshotWorked
      ? []
      : [{ en: `${node}: the last snapshot failed`, zh: `${node}：上次 RDB 快照失败` }]),
    ...(persistence.lastAppendWorked
      ? []
      : [{ en: `${node}: the last write to the append-only file failed`, zh: `${node}：上次写入 AOF 文件失败` }]),
    ...(persistence.lastRewriteWorked
      ? []
      : [{ en: `${node}: the last rewrite of the append-only file failed`, zh: `${node}：上次重写 AOF 文件失败` }]),
  ])
  const forgetful = seen.filter(({ hasConfigurationFile }) => !hasConfigurationFile).map(({ node }) => node)
  const written = { en: 'snapshots and append-only files are written', zh: 'RDB 快照和 AOF 文件正常写入' }
  const kept = check(written, failures, {
    good: describeWays(seen),
    next: {
      en: 'The reason is in the log of the node: a full disk, a folder that is not writable, or too little memory to fork.',
      zh: '原因见该节点的日志：磁盘已满、目录不可写，或内存不足以 fork。',
    },
  })
  if (forgetful.length === 0) return [kept]
  const file = check(
    { en: 'settings survive a restart', zh: '设置在重启后仍然有效' },
    forgetful.map((node) => ({ en: `${node} has no configuration file`, zh: `${node} 没有配置文件` })),
    {
      good: asSaid(''),
      bad: 'warning',
      next: {
        en: 'Start it with a configuration file: `redis-server /path/redis.conf`.',
        zh: '请用配置文件启动：`redis-server /path/redis.conf`。',
      },
    },
  )
  return [kept, file]
}

function describeWays(seen: readonly ObservedNode[]): InBoth {
  const appending = seen.filter(({ persistence }) => persistence.appendOnly).length
  return appending === 0
    ? { en: 'no node keeps an append-only file', zh: '没有节点使用 AOF 文件' }
    : {
        en: `${appending} of ${seen.length} nodes keep an append-only file`,
        zh: `${seen.length} 个节点中有 ${appending} 个使用 AOF 文件`,
      }
}
