import type { StoreResource } from '../../core/store.ts'
import { checkNodes } from './check-nodes.ts'
import type { RedisDeclaration } from './declaration.ts'
import { planCluster } from './plan-cluster.ts'
import { planSettings } from './plan-settings.ts'
import { type CommandsOf, planUsers } from './plan-users.ts'
import type { SeenNode } from './sight.ts'
import type { Step } from './step.ts'

export interface NodesPlan {
  readonly steps: readonly Step[]
  readonly unchanged: readonly StoreResource[]
  readonly notes: readonly string[]
}

/**
 * All that is to be done to the nodes: settings first, so that nothing is written before it is kept as declared; the cluster; users, on nodes that
 * are what they are to be.
 * @throws ToolError of its parts.
 */
export function planNodes(declaration: RedisDeclaration, nodes: readonly SeenNode[], commands: CommandsOf): NodesPlan {
  const settings = planSettings(declaration, nodes)
  const cluster = declaration.cluster === null ? [] : planCluster(declaration.cluster, checkNodes(nodes))
  const users = planUsers(declaration.users, nodes, commands)
  const steps = [...settings, ...cluster, ...users]
  return { steps, unchanged: findUnchanged(declaration, steps, cluster.length === 0), notes: findNotes(nodes, steps) }
}

function findUnchanged(
  declaration: RedisDeclaration,
  steps: readonly Step[],
  settled: boolean,
): readonly StoreResource[] {
  const changing = new Set(steps.map(({ change }) => `${change.resource.kind} ${change.resource.name}`))
  const declared: readonly StoreResource[] = [
    ...[...declaration.settings.keys()].map((name) => ({ kind: 'setting', name })),
    ...declaration.users.map(({ name }) => ({ kind: 'user', name })),
  ]
  const cluster = declaration.cluster !== null && settled ? [{ kind: 'cluster', name: 'members' }] : []
  return [...cluster, ...declared.filter(({ kind, name }) => !changing.has(`${kind} ${name}`))]
}

function findNotes(nodes: readonly SeenNode[], steps: readonly Step[]): readonly string[] {
  const setting = new Set(
    steps
      .flatMap(({ actions }) => actions.filter(({ type }) => type === 'configure' || type === 'set-user'))
      .map(({ node }) => node),
  )
  const forgetful = nodes.filter(({ node, hasConfigurationFile }) => setting.has(node) && !hasConfigurationFile)
  if (forgetful.length === 0) return []
  const names = forgetful.map(({ node }) => node).join(', ')
  return [`${names}: started without a configuration file, so that what is set there is lost when it starts again.`]
}
