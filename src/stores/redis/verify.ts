import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext, VerifyDepth } from '../contract.ts'
import type { StoreCheck } from '../outcome.ts'
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
export async function verify(context: Context, depth: VerifyDepth): Promise<readonly StoreCheck[]> {
  const { declaration, driver } = context
  const nodes = await driver.observe(settingsOf(declaration))
  const observed = observedNodes(nodes)
  const [first] = nodes
  if (observed.length === 0 && first?.type === 'unreachable') throw first.fault
  return [
    checkAnswers(nodes),
    ...(declaration.cluster === null ? [] : checkCluster(declaration.cluster, observed)),
    ...(depth === 'look' ? [] : await proveWriting(context, observed)),
    ...checkDisk(observed),
    ...checkEviction(declaration.families, observed),
    ...checkUsers(observed, await readCommands(driver, observed)),
    ...(await sampleFamilies(context, observed)),
  ]
}

function checkAnswers(nodes: readonly NodeObservation[]): StoreCheck {
  const silent = nodes.flatMap((node) => (node.type === 'unreachable' ? [node] : []))
  const why = silent.map(({ node, fault }) => `${node}: ${wordsOf(fault)}`)
  const versions = [...new Set(observedNodes(nodes).map(({ version }) => version))]
  return check('every node answers', why, {
    good: `${nodes.length} of ${nodes.length}, Redis ${versions.join(' and ')}`,
    next: 'Start the listed nodes, or repair the network to them.',
  })
}

/** Writes to each primary and waits for its replicas: what nodes report of each other proves nothing. */
async function proveWriting(
  { declaration, driver, prefix }: Context,
  seen: readonly ObservedNode[],
): Promise<readonly StoreCheck[]> {
  const replicas = declaration.cluster?.replicas ?? 0
  const writers = seen.filter(
    ({ role, cluster }) => role === 'primary' && (cluster === null || cluster.slots.length > 0),
  )
  const outcomes = await Promise.all(
    writers.map(async ({ node }): Promise<readonly string[]> => {
      const proof = await reasonOf(() => driver.proveWriting(node, prefix, replicas))
      if (typeof proof === 'string') return [`${node}: ${proof}`]
      return proof.replicas >= replicas
        ? []
        : [`${node}: ${proof.replicas} of ${replicas} replicas received it in time`]
    }),
  )
  const reached = replicas === 0 ? '' : ', and its replicas received it'
  return [
    check('every primary accepts writes', outcomes.flat(), {
      good: `a key was written to each of ${writers.length}${reached}, read and removed`,
      next: 'Look at the checks of the listed nodes.',
    }),
  ]
}

async function sampleFamilies(
  { declaration, driver, prefix }: Context,
  seen: readonly ObservedNode[],
): Promise<readonly StoreCheck[]> {
  if (declaration.families.length === 0) return []
  const samples: KeySample[] = []
  const unread: string[] = []
  for (const { node } of seen.filter(({ role }) => role === 'primary')) {
    // While slots are not served, nodes refuse to list their keys.
    const sample = await reasonOf(() => driver.sample(node, prefix, declaration.sample))
    if (typeof sample === 'string') unread.push(`${node}: ${sample}`)
    else samples.push(sample)
  }
  const next = 'Look at the checks of the listed nodes, and verify again.'
  const missing = unread.length === 0 ? [] : [check('keys can be read', unread, { good: '', next })]
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

/** Whether what is written reaches the disk. */
function checkDisk(seen: readonly ObservedNode[]): readonly StoreCheck[] {
  const failures = seen.flatMap(({ node, persistence }) => [
    ...(persistence.loading ? [`${node} is still reading its data`] : []),
    ...(persistence.lastSnapshotWorked ? [] : [`${node}: the last snapshot failed`]),
    ...(persistence.lastAppendWorked ? [] : [`${node}: the last write to the append-only file failed`]),
    ...(persistence.lastRewriteWorked ? [] : [`${node}: the last rewrite of the append-only file failed`]),
  ])
  const forgetful = seen.filter(({ hasConfigurationFile }) => !hasConfigurationFile).map(({ node }) => node)
  const kept = check('snapshots and append-only files are written', failures, {
    good: describeWays(seen),
    next: 'The reason is in the log of the node: a full disk, a folder that is not writable, or too little memory to fork.',
  })
  if (forgetful.length === 0) return [kept]
  const file = check(
    'settings survive a restart',
    forgetful.map((node) => `${node} has no configuration file`),
    {
      good: '',
      bad: 'warning',
      next: 'Start it with a configuration file: `redis-server /path/redis.conf`.',
    },
  )
  return [kept, file]
}

function describeWays(seen: readonly ObservedNode[]): string {
  const appending = seen.filter(({ persistence }) => persistence.appendOnly).length
  return appending === 0
    ? 'no node keeps an append-only file'
    : `${appending} of ${seen.length} nodes keep an append-only file`
}
