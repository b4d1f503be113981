import type { CapacityReport } from '../inspection.ts'
import type { ServerLimits } from '../ports.ts'

/** Part of a disk that must stay free. */
const freeShare = 0.05

/** A data file for each table, and room for connections, logs and temporary files. */
const otherFiles = 200

/**
 * Whether a server is set up for so many tables. Caches that are too small make no table fail: they make every statement
 * open what it needs, one at a time. A limit that is not known is no finding.
 * @param tables tables and views of the target, with those that are about to be made
 */
export function judgeCapacity(limits: ServerLimits, tables: number): readonly CapacityReport[] {
  return [
    judge(
      'table_definition_cache',
      limits.tableDefinitionCache,
      tables,
      `Raise it: SET PERSIST table_definition_cache = ${roomFor(tables)}.`,
    ),
    // It cannot be set while the server runs (error 1238).
    judge(
      'innodb_open_files',
      limits.innodbOpenFiles,
      tables,
      `Raise it: SET PERSIST_ONLY innodb_open_files = ${roomFor(tables)}, and restart the server.`,
    ),
    judge(
      'open_files_limit',
      limits.openFilesLimit,
      Math.min(tables, limits.innodbOpenFiles ?? tables) + otherFiles,
      'Raise open_files_limit (and LimitNOFILE of the service) and restart the server.',
    ),
    judgeDisk(limits.disk),
  ]
}

/** Twice what is needed is a limit that is not met again next month. */
function roomFor(tables: number): number {
  return Math.max(4000, 2 * tables)
}

function judge(limit: CapacityReport['limit'], value: number | null, needed: number, advice: string): CapacityReport {
  if (value === null) return { limit, value, needed, state: 'unknown', advice: null }
  const exceeded = needed > value
  return { limit, value, needed, state: exceeded ? 'exceeded' : 'enough', advice: exceeded ? advice : null }
}

function judgeDisk(disk: ServerLimits['disk']): CapacityReport {
  if (disk === null) return { limit: 'disk', value: null, needed: 0, state: 'unknown', advice: null }
  const needed = Math.ceil(disk.total * freeShare)
  const exceeded = disk.free < needed
  const advice = exceeded ? 'Make room, or move the data to a larger disk, before the next shards are made.' : null
  return { limit: 'disk', value: disk.free, needed, state: exceeded ? 'exceeded' : 'enough', advice }
}
