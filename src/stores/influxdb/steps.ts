import type { StoreChange, StoreDifference, StoreLoss, StoreResource } from '../../core/store.ts'
import type { InfluxDeed } from './ports.ts'

/** A change and what the driver does for it, in this order. Where the organisation is not there yet, the deeds carry no ids. */
export interface InfluxStep {
  readonly change: Omit<StoreChange, 'number'>
  readonly deeds: readonly InfluxDeed[]
}

/** What one kind of resource needs, and what of it is as declared. */
export interface Planned {
  readonly steps: readonly InfluxStep[]
  readonly unchanged: readonly StoreResource[]
}

/** What a step is about, before it is one. */
interface StepParts {
  readonly resource: StoreResource
  readonly action: StoreChange['action']
  readonly summary: string
  readonly differences?: readonly StoreDifference[]
  readonly loss?: StoreLoss | null
}

export function step(parts: StepParts, ...deeds: readonly InfluxDeed[]): Planned {
  const { differences = [], loss = null, ...rest } = parts
  return { steps: [{ change: { ...rest, differences, loss }, deeds }], unchanged: [] }
}

export function asDeclared(resource: StoreResource): Planned {
  return { steps: [], unchanged: [resource] }
}

export function together(parts: readonly Planned[]): Planned {
  return { steps: parts.flatMap(({ steps }) => steps), unchanged: parts.flatMap(({ unchanged }) => unchanged) }
}

/** A difference where the two texts differ; nothing where the declaration leaves the value alone. */
export function difference(path: string, actual: string, declared: string | null): readonly StoreDifference[] {
  return declared === null || actual === declared ? [] : [{ path, actual, declared }]
}
