import type { Fault } from '../core/tool-error.ts'

/** What came of making shards of one template in a scratch schema. */
export interface TemplateCheck {
  readonly family: string
  readonly database: string
  /** `host:port` of the server that was asked. */
  readonly server: string
  readonly file: string
  /** The shards that were made. */
  readonly tables: readonly string[]
  /** Why it cannot be used as it is. */
  readonly faults: readonly Fault[]
  /** What the server keeps otherwise than it is written, as sentences: harmless, and good to know. */
  readonly changes: readonly string[]
}
