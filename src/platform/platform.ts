import type { ExitCode } from '../core/exit-code.ts'
import type { Fault } from '../core/tool-error.ts'

/** What `wwdb up` does, in this order. */
export const platformSteps = ['create', 'migrate', 'rotate', 'seed', 'setup'] as const

export type PlatformStep = (typeof platformSteps)[number]

/** How one step of `wwdb up` went. */
export interface PlatformStepOutcome {
  readonly step: PlatformStep
  /** - `left-out` asked for with --skip, or nothing of the kind is in the project. */
  readonly state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-started' | 'left-out'
  /** What was done, in a few words. */
  readonly summary: string
  readonly milliseconds: number
  readonly exitCode: ExitCode
  readonly faults: readonly Fault[]
}

/** One thing of the platform, and where it is. */
export interface PlatformPlace {
  /** A logical database or a store. */
  readonly name: string
  /** `host:port`, several with commas. */
  readonly server: string
  /** What is there: its schema, its shards, what was declared. */
  readonly holds: string
}
