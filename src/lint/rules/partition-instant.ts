import { mayBeInstant, writesAllRows } from '../../ddl/may-be-instant.ts'
import type { Statement } from '../../sql/statement.ts'
import type { ProjectRule } from '../rule.ts'
import type { LintTemplate, ReadStatement } from '../subjects.ts'

const template =
  '-- wwdb:shards partition\n-- wwdb:period month\n-- wwdb:name clicks_{YYYYMM}\n-- wwdb:time at\nCREATE TABLE {{table}} (id BIGINT NOT NULL, at DATETIME NOT NULL, note INT, PRIMARY KEY (id, at));'
const ofTables = template.replace('-- wwdb:shards partition\n', '')
const plain =
  'CREATE TABLE clicks (id BIGINT NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id, at)); CREATE TABLE held (id BIGINT NOT NULL, at DATETIME NOT NULL, note INT, PRIMARY KEY (id, at))'
const divide =
  "ALTER TABLE clicks PARTITION BY RANGE COLUMNS (at) (PARTITION p VALUES LESS THAN ('2027-01-01 00:00:00'))"
const exchange = 'ALTER TABLE clicks EXCHANGE PARTITION p WITH TABLE held'
const table =
  "CREATE TABLE clicks (id BIGINT NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE COLUMNS (at) (PARTITION p VALUES LESS THAN ('2027-01-01 00:00:00')); CREATE TABLE held (id BIGINT NOT NULL, at DATETIME NOT NULL, note INT, PRIMARY KEY (id, at))"

export const partitionInstant: ProjectRule = {
  code: 'PARTITION_INSTANT',
  looksAt: 'project',
  severity: 'error',
  family: 'shards',
  title: {
    en: 'Columns added or dropped INSTANT in a family whose shards are partitions',
    zh: '分表为分区的分表族以 INSTANT 方式添加或删除列',
  },
  why: {
    en: 'After it the server refuses every EXCHANGE PARTITION of the table (error 1731), so no shard can be put on hold until the whole table is rebuilt. Without ALGORITHM the server chooses INSTANT where it can.',
    zh: '此后服务器拒绝该表的一切 EXCHANGE PARTITION（错误 1731），直到整张表重建，任何分表都不能保留。不写 ALGORITHM 时，服务器在可行时选用 INSTANT。',
  },
  fix: {
    en: 'Write ALGORITHM=INPLACE, and LOCK=NONE where writes are to go on.',
    zh: '请写 ALGORITHM=INPLACE；写入要继续时再写 LOCK=NONE。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/partitioning-management-exchange.html',
  fixtures: {
    found: [
      {
        templates: { clicks: template },
        headers: '-- wwdb:shards clicks',
        sql: 'ALTER TABLE {{table}} ADD COLUMN note INT, ALGORITHM=INSTANT',
      },
      {
        templates: { clicks: template },
        headers: '-- wwdb:shards clicks',
        sql: 'ALTER TABLE {{table}} ADD COLUMN note INT',
      },
      {
        templates: { clicks: template },
        headers: '-- wwdb:shards clicks',
        sql: 'ALTER TABLE {{table}} ADD COLUMN note INT, ALGORITHM=INPLACE, LOCK=NONE',
        down: 'ALTER TABLE {{table}} DROP COLUMN note',
      },
      {
        templates: { clicks: template },
        setup: table,
        sql: 'ALTER TABLE clicks ADD COLUMN note INT; ALTER TABLE clicks EXCHANGE PARTITION p WITH TABLE held',
        claims: { server: 'refuses', number: 1731 },
      },
    ],
    clean: [
      {
        templates: { clicks: template },
        headers: '-- wwdb:shards clicks',
        sql: 'ALTER TABLE {{table}} ADD COLUMN note INT, ALGORITHM=INPLACE, LOCK=NONE; ALTER TABLE {{table}} ADD KEY by_note (note)',
        down: 'ALTER TABLE {{table}} DROP COLUMN note, ALGORITHM=COPY',
      },
      {
        templates: { clicks: template },
        setup: table,
        sql: 'ALTER TABLE clicks ADD COLUMN note INT, ALGORITHM=INPLACE; ALTER TABLE clicks EXCHANGE PARTITION p WITH TABLE held',
      },
      // What was done before the table had partitions, or before all of its rows were written again.
      {
        templates: { clicks: template },
        setup: plain,
        sql: `ALTER TABLE clicks ADD COLUMN note INT; ${divide}; ${exchange}`,
        claims: { server: 'accepts' },
      },
      {
        templates: { clicks: template },
        setup: table,
        sql: `ALTER TABLE clicks ADD COLUMN note INT; ALTER TABLE clicks FORCE; ${exchange}`,
        claims: { server: 'accepts' },
      },
      {
        templates: { clicks: template },
        setup: table,
        sql: `ALTER TABLE clicks ADD COLUMN note INT, FORCE; ${exchange}`,
        claims: { server: 'accepts' },
      },
      {
        templates: { clicks: ofTables },
        headers: '-- wwdb:shards clicks',
        sql: 'ALTER TABLE {{table}} ADD COLUMN note INT',
      },
      {
        templates: { clicks: template },
        sql: 'CREATE TABLE notes (id INT PRIMARY KEY); ALTER TABLE notes ADD kind INT',
      },
    ],
  },
  find: ({ databases, templates }) =>
    templates
      .filter(({ headers }) => headers.get('shards')?.trim() === 'partition')
      .flatMap((family) => {
        const files = databases.get(family.database)?.files ?? []
        const ofTable = files.flatMap(({ up }) => up.filter(({ statement }) => namesTable(statement, family)))
        const lastWritten = ofTable.findLastIndex(({ tokens }) => writesAllRows(tokens))
        const undone = new Set(ofTable.slice(0, Math.max(0, lastWritten)))
        return files.flatMap(({ file, shards, up, down }) =>
          [...up, ...(down ?? [])]
            .filter(({ statement }) => shards === family.family || namesTable(statement, family))
            .filter((read) => isInstant(read) && !undone.has(read))
            .map(({ statement }) => ({
              file,
              statement,
              message: {
                en: `This change of the columns of \`${family.family}\` may be INSTANT, and its shards are partitions.`,
                zh: `对 \`${family.family}\` 的列变更可能是 INSTANT，而其分表是分区。`,
              },
            })),
        )
      }),
}

const isInstant = ({ statement, tokens }: ReadStatement): boolean =>
  statement.verb === 'ALTER TABLE' && mayBeInstant(tokens)

/** The table that has the partitions has the name of the family. */
const namesTable = ({ objects }: Statement, { family }: LintTemplate): boolean =>
  objects[0]?.schema === null && objects[0].name.toLowerCase() === family.toLowerCase()
