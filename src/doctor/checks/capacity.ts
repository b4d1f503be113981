import { groupDigits } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import { type AnsweringServer, answering, type Check, perServer } from '../check.ts'

/** The part of its range that a counter may use. */
const fullest = 0.7

function limit(
  code: string,
  variable: string,
  asks: string,
  needed: (server: AnsweringServer) => number,
  fix: string,
): Check {
  return {
    code,
    severity: 'warning',
    asks,
    find: (facts) =>
      perServer(facts, (server) => {
        const value = Number(server.seen.variables.get(variable))
        const need = needed(server)
        if (Number.isNaN(value) || value >= need) return null
        return {
          what: `\`${variable}\` is ${groupDigits(value)}, and the server has ${groupDigits(server.seen.tables)} tables.`,
          why: 'Tables are closed and opened again all the time, and each of them reads its definition from the disk.',
          fix,
        }
      }),
  }
}

/** How long tables, counters and disks last. */
export const capacityChecks: readonly Check[] = [
  {
    code: 'auto-increment',
    severity: 'error',
    asks: `Has every AUTO_INCREMENT used less than ${fullest * 100}% of its range?`,
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) =>
        seen.schemas.flatMap(({ database, schema, counters }) =>
          counters
            .filter(({ used }) => used >= fullest)
            .map(({ table, column, used }) => ({
              what: `\`${schema}\`.\`${table}\`.\`${column}\` has used ${Math.floor(used * 100)}% of its numbers.`,
              where: { database, server: label },
              why: 'When they are used up, every INSERT fails (error 1062 or 167).',
              fix: `Write a migration that makes \`${column}\` a BIGINT UNSIGNED, with the columns that refer to it.`,
            })),
        ),
      ),
  },
  limit(
    'table-definitions',
    'table_definition_cache',
    'Does every server hold the definitions of all its tables?',
    ({ seen }) => seen.tables,
    'Raise `table_definition_cache` to more than the number of tables.',
  ),
  limit(
    'open-files',
    'open_files_limit',
    'May every server open the files of all its tables?',
    ({ seen }) => seen.tables,
    'Raise `open_files_limit` (LimitNOFILE of its service), then restart the server.',
  ),
  {
    code: 'disk',
    severity: 'error',
    asks: 'Is enough of the disk of every server free? (`doctor.freeDisk`; only on the machine of the server itself)',
    find: (facts) =>
      perServer(facts, ({ seen: { disk } }) => {
        const share = facts.config?.doctor.freeDisk ?? 0
        if (disk === null || disk.free >= disk.total * share) return null
        return {
          what: `${formatSize(disk.free)} of ${formatSize(disk.total)} are free on the disk of the server.`,
          why: 'A rebuild of a table needs as much again as the table has.',
          fix: 'Make room, or move the data to a larger disk.',
        }
      }),
  },
]
