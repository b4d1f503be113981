import { ToolError } from '../../core/tool-error.ts'
import type { StoreCheck } from '../outcome.ts'
import { check } from './check.ts'
import { checkCluster } from './check-cluster.ts'
import { checkDisk } from './check-disk.ts'
import { checkEviction, judgeSamples } from './check-families.ts'
import { checkUsers } from './check-users.ts'
import type { RedisDeclaration } from './declaration.ts'
import type { CommandsOf } from './plan-users.ts'
import type { KeySample, Look, RedisNodes } from './ports.ts'
import type { NodeSight, SeenNode } from './sight.ts'

export interface Verification {
  readonly declaration: RedisDeclaration
  readonly nodes: RedisNodes
  readonly what: Look
  readonly prefix: string
  readonly commandsOf: (seen: readonly SeenNode[]) => Promise<CommandsOf>
}

/**
 * Asks every node directly and says what is so and what is not. A node that does not answer is a finding, not a failure.
 * @throws ToolError of the first node when none answers.
 */
export async function verifyRedis(verification: Verification): Promise<readonly StoreCheck[]> {
  const { declaration, nodes, what } = verification
  const sights = await nodes.look(what)
  const seen = sights.filter((sight): sight is SeenNode => sight.type === 'seen')
  const [first] = sights
  if (seen.length === 0 && first?.type === 'unseen') throw first.fault
  return [
    checkAnswers(sights),
    ...(declaration.cluster === null ? [] : checkCluster(declaration.cluster, seen)),
    ...(await proveWriting(verification, seen)),
    ...checkDisk(seen),
    ...checkEviction(declaration.families, seen),
    ...checkUsers(seen, await verification.commandsOf(seen)),
    ...(await sampleFamilies(verification, seen)),
  ]
}

function checkAnswers(sights: readonly NodeSight[]): StoreCheck {
  const unseen = sights.flatMap((sight) => (sight.type === 'unseen' ? [sight] : []))
  const why = unseen.map(({ node, fault }) => `${node}: ${fault.faults[0]?.why ?? fault.message}`)
  const versions = [...new Set(sights.flatMap((sight) => (sight.type === 'seen' ? [sight.version] : [])))]
  return check('every node answers', why, {
    good: `${sights.length} of ${sights.length}, Redis ${versions.join(' and ')}`,
    next: 'Start the nodes that are named, or mend the network to them.',
  })
}

/** Writes to each primary and waits for its replicas: what nodes say of each other is hearsay. */
async function proveWriting(
  { declaration, nodes, prefix }: Verification,
  seen: readonly SeenNode[],
): Promise<readonly StoreCheck[]> {
  const replicas = declaration.cluster?.replicas ?? 0
  const writers = seen.filter(
    ({ role, cluster }) => role === 'primary' && (cluster === null || cluster.slots.length > 0),
  )
  const outcomes = await Promise.all(
    writers.map(async ({ node }): Promise<readonly string[]> => {
      const proof = await reasonOf(() => nodes.proveWriting(node, prefix, replicas))
      if (typeof proof === 'string') return [`${node}: ${proof}`]
      return proof.replicas >= replicas ? [] : [`${node}: ${proof.replicas} of ${replicas} replicas had it in time`]
    }),
  )
  const reached = replicas === 0 ? '' : ', and its replicas had it'
  return [
    check('every primary takes a write', outcomes.flat(), {
      good: `a key was written to each of ${writers.length}${reached}, read and removed`,
      next: 'Look at the checks of the nodes that are named.',
    }),
  ]
}

async function sampleFamilies(
  { declaration, nodes, prefix }: Verification,
  seen: readonly SeenNode[],
): Promise<readonly StoreCheck[]> {
  if (declaration.families.length === 0) return []
  const samples: KeySample[] = []
  const unread: string[] = []
  for (const { node } of seen.filter(({ role }) => role === 'primary')) {
    // While slots are served by nobody, the others refuse to say what their keys are.
    const sample = await reasonOf(() => nodes.sample(node, prefix, declaration.sample))
    if (typeof sample === 'string') unread.push(`${node}: ${sample}`)
    else samples.push(sample)
  }
  const next = 'Look at the checks of the nodes that are named, and verify again.'
  const missing = unread.length === 0 ? [] : [check('keys can be looked at', unread, { good: '', next })]
  return [...missing, ...judgeSamples(declaration.families, samples)]
}

/** The value, or why there is none. */
async function reasonOf<Value extends object>(work: () => Promise<Value>): Promise<Value | string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ToolError) return error.faults[0]?.why ?? error.message
    throw error
  }
}
