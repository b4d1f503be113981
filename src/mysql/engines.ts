import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'

/** A server that speaks MySQL's protocol and is another one. */
interface OtherEngine {
  readonly name: string
  /** Found in `VERSION()` or `@@version_comment`. */
  readonly mark: RegExp
  /** What wwdb relies on and it does not have. */
  readonly lacks: string
  readonly next: string
}

const pointElsewhere = 'Point the URL at MySQL 8.0.11 or later.'

/**
 * What is missing, by the engines' own documentation; Vitess was tried. `MariaDB` stands first: its versions may begin with that of a MySQL.
 */
const otherEngines: readonly OtherEngine[] = [
  {
    name: 'MariaDB',
    mark: /mariadb/i,
    lacks:
      'MariaDB has no data dictionary with atomic DDL like that of MySQL 8, so a half-run statement could not be told from a whole one',
    next: pointElsewhere,
  },
  {
    name: 'Vitess',
    mark: /vitess|vtgate/i,
    lacks:
      'vtgate refuses IS_USED_LOCK(...) = CONNECTION_ID() in one expression (error 1235), which proves before every write that the lock is still held; its CONNECTION_ID() is not that of the MySQL server beneath, so a run that was killed could not be found; and DDL may run later than the statement returns',
    next: 'Change the schema with `vtctldclient ApplySchema`, or point the URL at a MySQL server that no vtgate stands before.',
  },
  {
    name: 'TiDB',
    mark: /tidb/i,
    lacks:
      'TiDB queues DDL, which goes on when its connection is gone, while the lock of GET_LOCK is free again; IS_USED_LOCK does not name the holder to other connections; and it has no procedures, triggers or events',
    next: pointElsewhere,
  },
  {
    name: 'OceanBase',
    mark: /oceanbase/i,
    lacks:
      'OceanBase has no GET_LOCK before 4.3.1, DDL whose undoing after a crash is not that of MySQL 8, and an information_schema that lacks tables wwdb reads',
    next: pointElsewhere,
  },
]

/** The engine that a server says it is; null for MySQL itself and what is built from it. */
function identifyEngine(version: string, comment: string): OtherEngine | null {
  return otherEngines.find(({ mark }) => mark.test(version) || mark.test(comment)) ?? null
}

/**
 * Ends every command before it begins, also those that only look: what they say would not hold there.
 * Throws ToolError `SERVER_UNSUPPORTED`.
 */
export function refuseOtherEngines(version: string, comment: string, target: Target): void {
  const engine = identifyEngine(version, comment)
  if (engine === null) return
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `The server at ${target.server} is ${engine.name} (${version}), not MySQL itself`,
    where: { server: target.server, database: target.database },
    why: engine.lacks,
    next: engine.next,
  })
}
