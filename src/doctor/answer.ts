import type { Location } from '../core/tool-error.ts'
import type { Said, Severity } from './check.ts'

/** Something that is wrong, by one check. */
export interface DoctorFinding extends Said {
  readonly where: Location
  /** Where else it is wrong in the same words. */
  readonly alsoAt: readonly Location[]
  readonly code: string
  readonly severity: Severity
}

/** A finding that `doctor.ignore` expects. */
export interface IgnoredFinding extends DoctorFinding {
  readonly reason: string
}

/** What a check found. */
export interface DoctorCheck {
  readonly code: string
  readonly severity: Severity
  /** What it asks. */
  readonly asks: string
  readonly findings: number
}

/** How many servers answered, of all. */
export interface Reached {
  readonly answered: number
  readonly all: number
}
