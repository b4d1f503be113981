import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import type { ThrottleConfig } from '../config/throttle-config.ts'
import { port } from '../core/port.ts'
import type { Reading } from './reading.ts'

/** What is read of the servers of one database: its own server, and every replica of the configuration. */
export interface ThrottleReader {
  /**
   * All that is bounded. Never throws: what cannot be read is a reading that is not known, with the reason.
   * @param unbounded true to read what has no bound as well
   */
  readonly read: (unbounded?: boolean) => Promise<readonly Reading[]>
  readonly close: () => Promise<void>
}

/** Opens readers. Nothing is connected to before the first reading; databases of one server share its reader. */
export interface ThrottleReaders {
  readonly open: (database: DatabaseConfig, throttle: ThrottleConfig, timeouts: Timeouts) => ThrottleReader
}

export const throttleReaders = port<ThrottleReaders>('operate/readers')
