import type { Target } from '../core/target.ts'
import type { Hazard } from '../lint/rule.ts'
import type { ShapeDifference } from '../sql/definitions/compare-definitions.ts'

/** Shards of one shape, and what brings them back to their template. */
export interface ShapeAlteration {
  readonly tables: readonly string[]
  readonly differences: readonly ShapeDifference[]
  /** ALTER TABLEs in order, `{{table}}` standing for each table's name. */
  readonly statements: readonly string[]
  readonly hazards: readonly Hazard[]
}

/** The shards of a family that are not like their template, by shape. */
export interface FamilyAlterations {
  readonly family: string
  readonly target: Target
  /** Shards that are like it. */
  readonly like: number
  readonly groups: readonly ShapeAlteration[]
  /** Shards at an earlier version of the template: a fan-out takes them further, not a repair. */
  readonly behind: readonly string[]
}
