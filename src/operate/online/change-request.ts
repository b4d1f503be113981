import type { ServerConfig } from '../../config/config.ts'
import type { GuardConfig } from '../../config/guard-config.ts'
import type { OnlineConfig } from '../../config/online.ts'
import type { OnlineTool } from '../../core/online-tool.ts'
import type { StatementProgress } from '../../core/progress.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Target } from '../../core/target.ts'
import type { Table } from '../../ddl/table.ts'
import type { Governor } from '../governor.ts'
import type { OnlineServer } from './ports.ts'
import type { OnlineRecord } from './record.ts'

/** One ALTER TABLE that is to be made while the table is written to. */
export interface ChangeRequest {
  readonly server: OnlineServer
  readonly target: Target
  /** What the server reports: digits only. */
  readonly version: string
  readonly connection: ServerConfig
  readonly online: OnlineConfig
  /** What copies the table. */
  readonly tool: OnlineTool
  readonly guard: GuardConfig
  /** As it is before the change. */
  readonly table: Table
  /** Of the whole table; null where it is not known. */
  readonly bytes: number | null
  readonly text: string
  /** Milliseconds that the server's own change may wait for the locks of the table; null for what the session has. */
  readonly lockWait: number | null
  readonly at: Pick<OnlineRecord, 'pass' | 'statement' | 'version'>
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly stop: StopRequest
  readonly governor: Governor | null
  readonly now: () => number
  readonly progressed: (progress: StatementProgress, milliseconds: number) => void
  /** Waits for old transactions that hold the table; where they go on to hold it, it throws an error that says that the complete copy of this name stays, where there is one. */
  readonly awaitTable: (copy: string | null) => Promise<void>
}

/** How the change was made. */
export interface MadeChange {
  readonly how: 'instant' | 'in place' | 'by a copy' | 'back'
  /** Sentences for the summary. */
  readonly notes: readonly string[]
}
