import type { StoreResource } from '../../core/store.ts'
import { assertNever } from '../../core/tool-error.ts'
import type { Undeclared } from '../find-drift.ts'
import type { InfluxDeclaration } from './declaration.ts'
import type { InfluxObservation, ObservedContent } from './observation.ts'
import { type OldPointsByBucket, planBuckets } from './plan-buckets.ts'
import { planMappings } from './plan-mappings.ts'
import { planTasks } from './plan-tasks.ts'
import { planTokens } from './plan-tokens.ts'
import { asDeclared, difference, type InfluxStep, type Planned, step, together } from './steps.ts'
import { findUndeclared } from './undeclared.ts'

export interface InfluxPlan {
  readonly steps: readonly InfluxStep[]
  readonly unchanged: readonly StoreResource[]
  readonly notes: readonly string[]
  readonly undeclared: readonly Undeclared[]
}

/** What brings a server to what is declared. Pure: the same two values give the same plan. What others need comes before them. */
export function planInflux(
  declaration: InfluxDeclaration,
  observation: InfluxObservation,
  old: OldPointsByBucket,
): InfluxPlan {
  const content = observation.type === 'content' ? observation.content : emptyContent(declaration)
  const planned = together([
    planOrganization(declaration, observation),
    planBuckets(declaration.buckets, content, old),
    planTasks(declaration.downsamplings, content),
    planTokens(declaration.tokens, content),
    planMappings(declaration.mappings, content),
  ])
  return { ...planned, notes: firstStart(observation), undeclared: findUndeclared(declaration, content) }
}

function emptyContent({ organization }: InfluxDeclaration): ObservedContent {
  const { name } = organization
  return { organization: { id: '', name, description: '' }, buckets: [], tasks: [], tokens: [], mappings: [] }
}

function planOrganization({ organization, buckets }: InfluxDeclaration, observation: InfluxObservation): Planned {
  const { name, description } = organization
  const resource = { kind: 'organisation', name }
  switch (observation.type) {
    case 'fresh': {
      const [bucket] = buckets
      if (bucket === undefined) return asDeclared(resource)
      const summary = `set the server up with organisation ${name} and the configured user and token`
      return step({ resource, action: 'create', summary }, { type: 'set-up', organization: name, bucket })
    }
    case 'absent':
      return step(
        { resource, action: 'create', summary: `create organisation ${name}` },
        { type: 'create-organization', name, description },
      )
    case 'content': {
      const found = observation.content.organization
      const differences = difference('description', found.description, description)
      if (description === null || differences.length === 0) return asDeclared(resource)
      return step(
        { resource, action: 'update', summary: `describe organisation ${name}`, differences },
        { type: 'describe-organization', id: found.id, description },
      )
    }
    default:
      return assertNever(observation)
  }
}

function firstStart({ type }: InfluxObservation): readonly string[] {
  if (type !== 'fresh') return []
  return ['Nobody has set this server up yet: the run does, once.']
}
