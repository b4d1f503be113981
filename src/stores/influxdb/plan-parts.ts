import type { PlannedChange } from '../contract.ts'
import type { StoreChange, StoreDifference, StoreLoss, StoreResource } from '../store-plan.ts'
import type { ServerWrite } from './ports.ts'

/** A change and its requests, in this order. Where the organization does not exist yet, they have no IDs. */
export type InfluxChange = PlannedChange<{ readonly writes: readonly ServerWrite[] }>

/** The changes for one kind of resource, and how many resources are as declared. */
export interface Planned {
  readonly changes: readonly InfluxChange[]
  readonly unchanged: readonly StoreResource[]
}

/** What a change is computed from. */
interface ChangeParts {
  readonly resource: StoreResource
  readonly action: StoreChange['action']
  readonly summary: string
  readonly differences?: readonly StoreDifference[]
  readonly loss?: StoreLoss | null
}

export function change(parts: ChangeParts, ...writes: readonly ServerWrite[]): Planned {
  const { differences = [], loss = null, ...rest } = parts
  return { changes: [{ change: { ...rest, differences, loss }, operation: { writes } }], unchanged: [] }
}

export function asDeclared(resource: StoreResource): Planned {
  return { changes: [], unchanged: [resource] }
}

export function together(parts: readonly Planned[]): Planned {
  return { changes: parts.flatMap(({ changes }) => changes), unchanged: parts.flatMap(({ unchanged }) => unchanged) }
}

/** A difference where the two texts differ; nothing where the declaration does not state the value. */
export function difference(path: string, actual: string, declared: string | null): readonly StoreDifference[] {
  return declared === null || actual === declared ? [] : [{ path, actual, declared }]
}
