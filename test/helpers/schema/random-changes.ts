import fc from 'fast-check'
import type { Table } from '../../../src/ddl/table.ts'
import { randomColumn } from './random-columns.ts'

/** What a change is made from: numbers that choose, and definitions of columns. */
export interface ChangeChoice {
  readonly kind: number
  readonly first: number
  readonly second: number
  readonly definition: string
  readonly other: string
}

export const changeChoice = (isNewer: boolean): fc.Arbitrary<ChangeChoice> =>
  fc.record({
    kind: fc.nat(999),
    first: fc.nat(99),
    second: fc.nat(99),
    definition: randomColumn(isNewer),
    other: randomColumn(isNewer),
  })

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** A new name, one of the present ones, or one in another case. */
function pick<T>(list: readonly T[], at: number): T | undefined {
  return list[at % Math.max(1, list.length)]
}

/**
 * The clauses of one ALTER TABLE, or a statement of its own, on a table as it is now. Some of them the server refuses. A foreign
 * key comes with its index: the one that the server adds where there is none is not followed.
 */
export function makeChange(table: Table, choice: ChangeChoice, serial: number): string {
  const named = quote(table.name)
  const made = changes[choice.kind % changes.length]?.(table, choice, serial) ?? "COMMENT = 'none'"
  if (made.startsWith('CREATE ') || (made.startsWith('DROP INDEX') && made.includes(' ON ')))
    return made.replace('{table}', named)
  // Two changes in one statement use the names of before it.
  const beside =
    choice.kind % 5 === 0
      ? (changes[choice.second % changes.length]?.(table, { ...choice, first: choice.first + 1 }, serial + 500) ?? '')
      : ''
  const isClause = beside !== '' && !/^(?:CREATE|DROP INDEX .* ON|PARTITION BY)/.test(beside)
  const both = isClause && !made.startsWith('PARTITION BY') ? `${made}, ${beside}` : made
  return `ALTER TABLE ${named} ${both}`
}

type Make = (table: Table, choice: ChangeChoice, serial: number) => string

const columnAt = ({ columns }: Table, at: number): string => quote(pick(columns, at)?.name ?? 'id')
const indexAt = ({ indexes }: Table, at: number): string =>
  quote(
    pick(
      indexes.filter(({ name }) => name !== 'PRIMARY'),
      at,
    )?.name ?? 'none',
  )
const place = (table: Table, at: number): string => ['', '', ' FIRST', ` AFTER ${columnAt(table, at)}`][at % 4] ?? ''

const changes: readonly Make[] = [
  (table, { definition, first }, serial) => `ADD COLUMN \`n${serial}\` ${definition}${place(table, first)}`,
  (table, { definition, first }, serial) => `ADD \`n${serial}\` ${definition}${place(table, first)}`,
  (_, { definition, other }, serial) => `ADD COLUMN (\`n${serial}\` ${definition}, \`m${serial}\` ${other})`,
  (_, __, serial) => `ADD \`n${serial}\` INT UNIQUE`,
  (_, __, serial) => `ADD \`n${serial}\` INT UNIQUE KEY COMMENT 'primary key, unique'`,
  (table, { first }) => `DROP COLUMN ${columnAt(table, first)}`,
  (table, { first }) => `DROP ${columnAt(table, first)}`,
  (table, { first, second, definition }) => `MODIFY ${columnAt(table, first)} ${definition}${place(table, second)}`,
  (table, { first, second, definition }) =>
    `MODIFY COLUMN ${columnAt(table, first)} ${definition}${place(table, second)}`,
  (table, { first, definition }, serial) => `CHANGE ${columnAt(table, first)} \`c${serial}\` ${definition}`,
  (table, { first, definition }) => `CHANGE COLUMN ${columnAt(table, first)} ${columnAt(table, first)} ${definition}`,
  (table, { first }, serial) => `RENAME COLUMN ${columnAt(table, first)} TO \`r${serial}\``,
  (table, { first, second }) =>
    `RENAME COLUMN ${columnAt(table, first)} TO ${columnAt(table, second)}, RENAME COLUMN ${columnAt(table, second)} TO ${columnAt(table, first)}`,
  (table, { first }) => `ALTER COLUMN ${columnAt(table, first)} SET DEFAULT 1`,
  (table, { first }) => `ALTER ${columnAt(table, first)} SET DEFAULT NULL`,
  (table, { first }) => `ALTER COLUMN ${columnAt(table, first)} DROP DEFAULT`,
  (table, { first }) => `ADD INDEX (${columnAt(table, first)})`,
  (table, { first, second }) => `ADD KEY (${columnAt(table, first)}, ${columnAt(table, second)} DESC)`,
  (table, { first }, serial) => `ADD UNIQUE INDEX \`i${serial}\` USING BTREE (${columnAt(table, first)})`,
  (table, { first }, serial) => `ADD CONSTRAINT \`u${serial}\` UNIQUE (${columnAt(table, first)})`,
  (table, { first }, serial) => `ADD FULLTEXT \`f${serial}\` (${columnAt(table, first)})`,
  (table, { first }, serial) => `ADD INDEX \`p${serial}\` (${columnAt(table, first)}(5))`,
  (table, { first }) => `DROP INDEX ${indexAt(table, first)}`,
  (table, { first }) => `DROP KEY ${indexAt(table, first)}`,
  (table, { first }) => `DROP INDEX ${indexAt(table, first)} ON {table}`,
  (table, { first }, serial) => `CREATE INDEX \`x${serial}\` ON {table} (${columnAt(table, first)})`,
  (table, { first }, serial) =>
    `CREATE UNIQUE INDEX \`x${serial}\` USING BTREE ON {table} (${columnAt(table, first)} DESC) COMMENT 'on a (b)'`,
  (table, { first }, serial) => `RENAME INDEX ${indexAt(table, first)} TO \`ri${serial}\``,
  (table, { first }) => `ALTER INDEX ${indexAt(table, first)} INVISIBLE`,
  (table, { first }) => `ALTER INDEX ${indexAt(table, first)} VISIBLE`,
  (table, { first, second }) =>
    `DROP PRIMARY KEY, ADD PRIMARY KEY (${columnAt(table, first)}, ${columnAt(table, second)})`,
  (table, { first }) =>
    `MODIFY \`id\` BIGINT UNSIGNED NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (\`id\`, ${columnAt(table, first)})`,
  () => 'MODIFY `id` BIGINT UNSIGNED, DROP PRIMARY KEY',
  () => 'CONVERT TO CHARACTER SET latin1',
  () => 'CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  () => 'DEFAULT CHARACTER SET = latin1',
  () => 'CHARSET utf8mb4',
  () => 'COLLATE utf8mb4_bin',
  () => "COMMENT 'key, add column x int'",
  () => "ROW_FORMAT = DYNAMIC, COMMENT = 'b'",
  () => 'PARTITION BY HASH (`id`) PARTITIONS 3',
  () => 'REMOVE PARTITIONING',
  () => 'ENGINE = InnoDB',
  ({ foreignKeys }, { first }) => `DROP FOREIGN KEY ${quote(pick(foreignKeys, first)?.name ?? 'none')}`,
  (_, __, serial) =>
    `ADD \`n${serial}\` BIGINT UNSIGNED, ADD KEY (\`n${serial}\`), ADD CONSTRAINT \`fk${serial}\` FOREIGN KEY (\`n${serial}\`) REFERENCES \`parent\` (\`id\`) ON DELETE SET NULL`,
  (_, __, serial) =>
    `ADD \`n${serial}\` BIGINT UNSIGNED, ADD KEY (\`n${serial}\`), ADD FOREIGN KEY (\`n${serial}\`) REFERENCES \`parent\` (\`id\`) ON DELETE CASCADE ON UPDATE CASCADE`,
  (table, { first }) => `ADD CHECK (${columnAt(table, first)} IS NOT NULL)`,
  (table, { first }, serial) =>
    `ADD CONSTRAINT \`ck${serial}\` CHECK (${columnAt(table, first)} IS NOT NULL) NOT ENFORCED`,
  ({ checks }, { first }) => `DROP CHECK ${quote(pick(checks, first)?.name ?? 'none')}`,
  ({ checks }, { first }) => `DROP CONSTRAINT ${quote(pick(checks, first)?.name ?? 'none')}`,
]
