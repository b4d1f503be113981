import type { DailyWindow } from '../calendar/daily-window.ts'
import type { StopTime } from '../calendar/stop-time.ts'
import type { ServerConfig } from './config.ts'

/** A replica whose lag is read. */
export interface ReplicaConfig {
  readonly name: string
  readonly server: ServerConfig
}

/** A query of the user's own, whose result is a number. */
export interface ThrottleQuery {
  readonly name: string
  readonly sql: string
  readonly most: number
}

/** The limits for heavy work; null for what is not limited. */
export interface ThrottleConfig {
  readonly mode: 'on' | 'off'
  /** Milliseconds. */
  readonly lag: number | null
  /** Schema and table of pt-heartbeat; null where the lag is the applier's. */
  readonly heartbeat: string | null
  readonly groupQueue: number | null
  readonly threadsRunning: number | null
  readonly historyLength: number | null
  /** Percent of the redo log. */
  readonly checkpointAge: number | null
  /** Bytes. */
  readonly undo: number | null
  /** Bytes. */
  readonly freeDisk: number | null
  readonly window: DailyWindow | null
  /** The window as it was written. */
  readonly windowText: string
  /** When heavy work stops, whatever is left of it; null where it does not. */
  readonly stopAt: StopTime | null
  /** The share of a limit to which a reading must return, from 0 to 1. */
  readonly resume: number
  /** The longest pause in milliseconds; null for no limit. */
  readonly limit: number | null
  /** Milliseconds between two readings. */
  readonly every: number
  readonly replicas: readonly ReplicaConfig[]
  readonly queries: readonly ThrottleQuery[]
}
