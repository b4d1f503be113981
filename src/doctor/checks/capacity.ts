import type { InBoth } from '../../core/in-both.ts'
import { groupDigits } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import { type AnsweringServer, answering, type Check, perServer } from '../check.ts'

/** The part of its range that a counter may use. */
const fullest = 0.7

function limit(
  code: string,
  variable: string,
  asks: InBoth,
  needed: (server: AnsweringServer) => number,
  fix: InBoth,
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
          what: `\`${variable}\` is ${groupDigits(value)}, but the server has ${groupDigits(server.seen.tables)} tables.`,
          why: 'Tables are closed and reopened all the time, and each time the definition is read from disk.',
          fix: fix.en,
          zh: {
            what: `\`${variable}\` 为 ${groupDigits(value)}，而服务器有 ${groupDigits(server.seen.tables)} 张表。`,
            why: '表会不断地被关闭再打开，每次都要从磁盘读取表定义。',
            fix: fix.zh,
          },
        }
      }),
  }
}

/** How long tables, counters and disks last. */
export const capacityChecks: readonly Check[] = [
  {
    code: 'auto-increment',
    severity: 'error',
    asks: {
      en: `Has every AUTO_INCREMENT column used less than ${fullest * 100}% of its range?`,
      zh: `每个 AUTO_INCREMENT 是否只用去其取值范围的 ${fullest * 100}% 以内？`,
    },
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) =>
        seen.schemas.flatMap(({ database, schema, counters }) =>
          counters
            .filter(({ used }) => used >= fullest)
            .map(({ table, column, used }) => ({
              what: `\`${schema}\`.\`${table}\`.\`${column}\` has used ${Math.floor(used * 100)}% of its range.`,
              where: { database, server: label },
              why: 'When the range is exhausted, every INSERT fails (error 1062 or 167).',
              fix: `Write a migration that changes \`${column}\` and the columns that reference it to BIGINT UNSIGNED.`,
              zh: {
                what: `\`${schema}\`.\`${table}\`.\`${column}\` 已用去其取值范围的 ${Math.floor(used * 100)}%。`,
                why: '用尽之后，每条 INSERT 都会失败（错误 1062 或 167）。',
                fix: `请写一个迁移，把 \`${column}\` 以及引用它的列改为 BIGINT UNSIGNED。`,
              },
            })),
        ),
      ),
  },
  limit(
    'table-definitions',
    'table_definition_cache',
    { en: 'Is `table_definition_cache` large enough for all tables?', zh: '`table_definition_cache` 能否容纳全部表？' },
    ({ seen }) => seen.tables,
    {
      en: 'Increase `table_definition_cache` to more than the number of tables.',
      zh: '请把 `table_definition_cache` 调到大于表的数量。',
    },
  ),
  limit(
    'open-files',
    'open_files_limit',
    { en: 'Is `open_files_limit` large enough for all tables?', zh: '`open_files_limit` 能否容纳全部表？' },
    ({ seen }) => seen.tables,
    {
      en: 'Increase `open_files_limit` (LimitNOFILE of its service), then restart the server.',
      zh: '请调大 `open_files_limit`（其服务的 LimitNOFILE），然后重启服务器。',
    },
  ),
  {
    code: 'disk',
    severity: 'error',
    asks: {
      en: 'Is there enough free disk space on every server? (`doctor.freeDisk`; only if wwdb runs on the machine of the server)',
      zh: '每台服务器的磁盘剩余空间是否足够？（`doctor.freeDisk`；仅限服务器所在的机器）',
    },
    find: (facts) =>
      perServer(facts, ({ seen: { disk } }) => {
        const share = facts.config?.doctor.freeDisk ?? 0
        if (disk === null || disk.free >= disk.total * share) return null
        return {
          what: `${formatSize(disk.free)} of ${formatSize(disk.total)} are free on the disk of the server.`,
          why: 'Rebuilding a table needs as much space again as the table uses.',
          fix: 'Free space, or move the data to a larger disk.',
          zh: {
            what: `服务器磁盘共 ${formatSize(disk.total)}，剩余 ${formatSize(disk.free)}。`,
            why: '重建一张表需要与该表同样大小的额外空间。',
            fix: '请腾出空间，或把数据移到更大的磁盘。',
          },
        }
      }),
  },
]
