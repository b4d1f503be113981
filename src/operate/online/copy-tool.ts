import type { ServerConfig } from '../../config/config.ts'
import type { OnlineTool } from '../../core/online-tool.ts'
import type { Table } from '../../ddl/table.ts'
import type { AlterChange } from './alter-change.ts'
import { ghOst } from './gh-ost.ts'
import { ptOsc } from './pt-osc.ts'
import type { OnlineRecord } from './record.ts'
import { spirit } from './spirit.ts'

/** The names that a tool gives to what it makes of a table. */
type ToolNames = Pick<OnlineRecord, 'copy' | 'old' | 'logs' | 'triggers'>

/** What wwdb knows of a tool before it starts it. */
export interface CopyTool {
  /** Its name, and that of the program on PATH. */
  readonly program: string
  /** Older versions do not know all its flags, or lose rows. */
  readonly oldest: string
  /** How it is had, as a clause. */
  readonly source: string
  /** The version that `--version` prints; null for the answer of anything else. */
  readonly readVersion: (output: string) => string | null
  /** Whether it ends where the definition of its copy is changed: then the next number of the table is given behind the swap. */
  readonly keepsDefinition: boolean
  /** Milliseconds between two times that it brings writes to the copy while its swap is put off; null where it brings them at once. */
  readonly bringsWritesEach: number | null
  readonly namesOf: (schema: string, table: string) => ToolNames
  /** Why it cannot make this change although another tool may, with what to do instead. */
  readonly objectTo: (wanted: WantedCopy) => readonly ToolObjection[]
}

/** The copy that a tool is to make. */
interface WantedCopy {
  readonly table: Table
  readonly change: AlterChange
  readonly connection: ServerConfig
  /** Whether the governor may have to pause it. */
  readonly isGoverned: boolean
}

export interface ToolObjection {
  /** A sentence. */
  readonly why: string
  readonly next: string
}

const tools: Readonly<Record<OnlineTool, CopyTool>> = { 'pt-osc': ptOsc, 'gh-ost': ghOst, spirit }

export const copyToolOf = (tool: OnlineTool): CopyTool => tools[tool]

/** Whether the copy is current only as long as the tool runs, which reads the binary log: then no copy outlives its run, and the tool swaps the tables itself. */
export const followsLog = ({ tool }: Pick<OnlineRecord, 'tool'>): boolean => tool !== 'pt-osc'
