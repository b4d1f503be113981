import type { Complaint, Severity } from './check.ts'

/** Something that is wrong, by one check. */
export interface DoctorFinding extends Complaint {
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
