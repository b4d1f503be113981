import type { StoreResource } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import { toErrorFindings, toNotComparedFinding } from '../find-drift.ts'
import type { StoreFinding } from '../finding.ts'
import { checkNodes } from './check-nodes.ts'
import type { RedisDeclaration } from './declaration.ts'
import { planCluster } from './plan-cluster.ts'
import { planSettings } from './plan-settings.ts'
import { type CommandsOf, planUsers } from './plan-users.ts'
import type { NodeSight, SeenNode } from './sight.ts'
import type { Step } from './step.ts'

export interface NodesComparison {
  readonly steps: readonly Step[]
  readonly unchanged: readonly StoreResource[]
  /** What could not be compared, and why. */
  readonly findings: readonly StoreFinding[]
}

/**
 * Compares the nodes that answered, each resource by itself: what a plan refuses because of one of them leaves the others compared.
 * The cluster needs every node.
 */
export function compareNodes(
  declaration: RedisDeclaration,
  sights: readonly NodeSight[],
  commands: CommandsOf,
): NodesComparison {
  const server = sights.map(({ node }) => node).join(',')
  const seen = sights.filter((sight): sight is SeenNode => sight.type === 'seen')
  const unseen = sights.flatMap((sight) => (sight.type === 'unseen' ? [sight] : []))
  const parts = [
    ...[...declaration.settings].map(([name, value]) =>
      compare({ kind: 'setting', name }, () => planSettings({ settings: new Map([[name, value]]) }, seen), server),
    ),
    ...compareCluster(declaration, seen, unseen.length, server),
    ...declaration.users.map((user) =>
      compare({ kind: 'user', name: user.name }, () => planUsers([user], seen, commands), server),
    ),
  ]
  const silent = unseen.map(({ node, fault }) =>
    toNotComparedFinding({ store: 'redis', server }, { kind: 'node', name: node }, reasonOf(fault)),
  )
  return {
    steps: parts.flatMap(({ steps }) => steps),
    unchanged: parts.flatMap(({ unchanged }) => unchanged),
    findings: [...silent, ...parts.flatMap(({ findings }) => findings)],
  }
}

function compareCluster(
  { cluster }: RedisDeclaration,
  seen: readonly SeenNode[],
  unseen: number,
  server: string,
): readonly NodesComparison[] {
  if (cluster === null) return []
  const resource = { kind: 'cluster', name: 'members' }
  if (unseen === 0) return [compare(resource, () => planCluster(cluster, checkNodes(seen)), server)]
  const why = 'Every node must answer for that.'
  const next = 'Start the nodes that do not answer, and verify again.'
  return [
    { steps: [], unchanged: [], findings: [toNotComparedFinding({ store: 'redis', server }, resource, { why, next })] },
  ]
}

function compare(resource: StoreResource, plan: () => readonly Step[], server: string): NodesComparison {
  try {
    const steps = plan()
    return { steps, unchanged: steps.length === 0 ? [resource] : [], findings: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { steps: [], unchanged: [], findings: toErrorFindings({ store: 'redis', server }, error) }
  }
}

function reasonOf({ faults, message }: ToolError): { readonly why: string; readonly next: string } {
  const [fault] = faults
  return { why: `It was not looked at: ${fault?.why ?? message}.`, next: fault?.next ?? 'Start it, and verify again.' }
}
