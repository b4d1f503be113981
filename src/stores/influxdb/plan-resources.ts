import { assertNever } from '../../core/tool-error.ts'
import type { Declaration } from './declaration.ts'
import { planAlerts } from './plan-alerts.ts'
import { type OldPointsByBucket, planBuckets, planMappings } from './plan-buckets.ts'
import { planLabels } from './plan-labels.ts'
import { planOwnTasks } from './plan-own-tasks.ts'
import { asDeclared, change, difference, type Planned, together } from './plan-parts.ts'
import { planTasks } from './plan-tasks.ts'
import { planTokens } from './plan-tokens.ts'
import type { ObservedContent, ServerState } from './ports.ts'
import { pruneTasks } from './prune-tasks.ts'

/** The changes that bring a server to its declaration, in the order in which they depend on each other. */
export function planResources(
  declaration: Declaration,
  state: ServerState,
  old: OldPointsByBucket,
  prune = false,
): Planned {
  const content = contentOf(declaration, state)
  return together([
    planOrganization(declaration, state),
    planBuckets(declaration.buckets, content, old),
    planTasks(declaration.downsamplings, content),
    planOwnTasks(declaration.tasks, content),
    planAlerts(declaration, content),
    planLabels(declaration, content),
    planTokens(declaration.tokens, content),
    planMappings(declaration.mappings, content),
    ...(prune ? [pruneTasks([...declaration.downsamplings, ...declaration.tasks], content)] : []),
  ])
}

/** The content of the organization; nothing where it does not exist yet. */
export function contentOf(declaration: Declaration, state: ServerState): ObservedContent {
  return state.type === 'content' ? state.content : emptyContent(declaration)
}

function emptyContent({ organization }: Declaration): ObservedContent {
  const { name } = organization
  const nothing = { buckets: [], tasks: [], checks: [], endpoints: [], rules: [], labels: [], tokens: [], mappings: [] }
  return { organization: { id: '', name, description: '' }, ...nothing }
}

function planOrganization({ organization, buckets }: Declaration, state: ServerState): Planned {
  const { name, description } = organization
  const resource = { kind: 'organization', name }
  switch (state.type) {
    case 'fresh': {
      const [bucket] = buckets
      if (bucket === undefined) return asDeclared(resource)
      const summary = `set the server up with organization ${name} and the configured user and token`
      return change({ resource, action: 'create', summary }, { type: 'set-up', organization: name, bucket })
    }
    case 'absent':
      return change(
        { resource, action: 'create', summary: `create organization ${name}` },
        { type: 'create-organization', name, description },
      )
    case 'content': {
      const found = state.content.organization
      const differences = difference('description', found.description, description)
      if (description === null || differences.length === 0) return asDeclared(resource)
      return change(
        { resource, action: 'update', summary: `describe organization ${name}`, differences },
        { type: 'describe-organization', id: found.id, description },
      )
    }
    default:
      return assertNever(state)
  }
}
