import type { Config, StoreConfig } from '../config/config.ts'
import type { ConfigReport } from '../config/load.ts'
import type { ServerPort, StopRequest } from '../migrations/ports.ts'
import type { ProvisionServers } from '../provision/ports.ts'
import type { ShardLedgers } from '../shards/fan-out/ports.ts'
import type { SeenTargets } from '../shards/inspection.ts'
import type { ArchivePort, ShardMapStore, ShardServers } from '../shards/ports.ts'
import type { PreparedStore } from '../stores/contract.ts'
import type { Emit } from './event.ts'
import type { ExitCode } from './exit-code.ts'
import type { Result } from './result.ts'

/** A question that must be answered before data is lost. */
export interface Confirmation {
  /** What is about to happen, as a sentence. */
  readonly what: string
  /** `moderate` asks y/N or takes --yes; `severe` wants `name` typed or given with --confirm. */
  readonly level: 'moderate' | 'severe'
  readonly name: string
}

/** What the command line gives a command: everything it may touch outside its own input. */
export interface Context {
  readonly cwd: string
  /** `--target`: the logical databases asked for, as typed; empty means all. The configuration knows whether they exist. */
  readonly targets: readonly string[]
  /** The same value every time. Throws ToolError with exit code 78 when the configuration is wrong. */
  readonly config: () => Promise<Config>
  /** Every value in force with its source, for `config show`; a missing URL or variable of one is shown, not thrown. */
  readonly configReport: () => Promise<ConfigReport>
  readonly emit: Emit
  readonly stop: StopRequest
  /** Returns when confirmed; throws ToolError `NOT_CONFIRMED` (exit 2), naming the flag, where nobody can be asked or the answer is no. */
  readonly confirm: (confirmation: Confirmation) => Promise<void>
  /** Opens the driver when it is first needed. */
  readonly servers: () => Promise<ServerPort>
  /** The servers as holders of shards; opens that driver when it is first needed. */
  readonly shardServers: () => Promise<ShardServers>
  /** The ledgers of fan-outs; opens that driver when it is first needed. */
  readonly shardLedgers: () => Promise<ShardLedgers>
  /** Where shards are archived. Throws ToolError `NO_ARCHIVE` (78) where the configuration names no folder. */
  readonly archive: () => Promise<ArchivePort>
  /** Version of wwdb. */
  readonly toolVersion: string
  /** How the tool was started, for who starts it again: absolute paths of node and of the script. Empty in another program. */
  readonly program: readonly string[]
  /** The environment's variables: for naming them, not for settings. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Who asks, for what is written down: `user@host`. */
  readonly person: string
  /** Null takes WWDB_REDIS. Throws ToolError `REDIS_URL` (64); nothing of the URL is told, as it may hold a password. */
  readonly shardMapStore: (url: string | null) => Promise<ShardMapStore>
  /**
   * Reads a store's declarations; its driver is loaded when it is opened. Throws ToolError `DECLARATIONS_INVALID` (78) with every fault.
   */
  readonly readStore: (store: StoreConfig) => Promise<PreparedStore>
  /** The servers as places for sets of databases; opens that driver when it is first needed. */
  readonly provisionServers: () => Promise<ProvisionServers>
  /** Runs a program with this process's streams and more variables; gives its exit code. Throws ToolError `PROGRAM_FAILED`. */
  readonly runProgram: (command: readonly string[], environment: Readonly<Record<string, string>>) => Promise<number>
  /** What is piped to the tool, without the line end behind it; masked in all output from then on. Throws ToolError `USAGE` (64) where it is empty. */
  readonly readSecret: () => Promise<string>
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: () => number
  /** Writes a check's numbers for Prometheus, made at that time, to a file. Throws ToolError `METRICS_FILE`. */
  readonly publishMetrics: (file: string, seen: SeenTargets, at: number) => Promise<void>
}

export interface CommandResult<Answer extends Result = Result> {
  readonly result: Answer
  readonly exitCode: ExitCode
}
