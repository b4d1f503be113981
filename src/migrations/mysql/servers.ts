import { openKeyReader } from '../../references/mysql/key-reader.ts'
import type { ServerPort } from '../ports.ts'
import { administrateMysql } from './administration.ts'
import { type DriverOptions, openMysqlSession } from './session.ts'

/** The MySQL servers behind the targets. */
export function createServerPort(options: DriverOptions): ServerPort {
  return {
    open: (database, timeouts, writable) => openMysqlSession(database, timeouts, options, writable),
    administrate: (database, timeouts) => administrateMysql(database, timeouts, options),
    readKeys: openKeyReader,
  }
}
