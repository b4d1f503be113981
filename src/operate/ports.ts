import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import type { ThrottleConfig } from '../config/throttle-config.ts'
import { port } from '../core/port.ts'
import type { Reading } from './reading.ts'

/** What is read of the servers of one database: its own server, and every replica of the configuration. */
export interface ThrottleReader {
  /**
   * All limited values. Never throws: what cannot be read is an unknown reading, with the reason.
   * @param unbounded true to also read values without a bound
   */
  readonly read: (unbounded?: boolean) => Promise<readonly Reading[]>
  readonly close: () => Promise<void>
}

/** Opens readers. Nothing is connected before the first reading; databases of one server share its reader. */
export interface ThrottleReaders {
  readonly open: (database: DatabaseConfig, throttle: ThrottleConfig, timeouts: Timeouts) => ThrottleReader
}

export const throttleReaders = port<ThrottleReaders>('operate/readers')
