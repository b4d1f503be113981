import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'

/** A server other than MySQL that uses its protocol. */
interface OtherEngine {
  readonly name: string
  /** Found in `VERSION()` or `@@version_comment`. */
  readonly mark: RegExp
  /** A sentence about the features that wwdb needs and the engine does not have. */
  readonly lacks: string
  readonly next: string
}

const pointElsewhere = 'Point the URL at MySQL 8.0.11 or later.'

/**
 * The missing features, by the documentation of the engines; Vitess was tried. `MariaDB` comes first: its version may begin with one of MySQL.
 */
const otherEngines: readonly OtherEngine[] = [
  {
    name: 'MariaDB',
    mark: /mariadb/i,
    lacks:
      'MariaDB has no data dictionary with atomic DDL like that of MySQL 8, so it could not be determined whether an interrupted statement ran.',
    next: pointElsewhere,
  },
  {
    name: 'Vitess',
    mark: /vitess|vtgate/i,
    lacks:
      'vtgate refuses `IS_USED_LOCK(...) = CONNECTION_ID()` (error 1235), which proves before every write that the lock is still held; its CONNECTION_ID() is not that of the MySQL server behind it, so a killed run could not be found; and DDL may still run after the statement has returned.',
    next: 'Change the schema with `vtctldclient ApplySchema`, or point the URL at a MySQL server without vtgate.',
  },
  {
    name: 'TiDB',
    mark: /tidb/i,
    lacks:
      'TiDB queues DDL, which continues after its connection is lost, when the lock of GET_LOCK is already free; IS_USED_LOCK does not show the holder to other connections; and it has no procedures, triggers or events.',
    next: pointElsewhere,
  },
  {
    name: 'OceanBase',
    mark: /oceanbase/i,
    lacks:
      'OceanBase has no GET_LOCK before 4.3.1, rolls DDL back after a crash differently from MySQL 8, and lacks tables of information_schema that wwdb reads.',
    next: pointElsewhere,
  },
]

/** The engine by the version strings of a server; null for MySQL and servers built from it. */
function identifyEngine(version: string, comment: string): OtherEngine | null {
  return otherEngines.find(({ mark }) => mark.test(version) || mark.test(comment)) ?? null
}

/**
 * Stops every command at its start, also read-only ones: their answers would not be reliable there.
 * Throws ToolError `SERVER_UNSUPPORTED`.
 */
export function refuseOtherEngines(version: string, comment: string, target: Target): void {
  const engine = identifyEngine(version, comment)
  if (engine === null) return
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `The server at ${target.server} is ${engine.name} (${version}), not MySQL.`,
    where: { server: target.server, database: target.database },
    why: engine.lacks,
    next: engine.next,
  })
}
