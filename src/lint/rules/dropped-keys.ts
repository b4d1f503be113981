import { type DroppedKey, readAddedKeys, readDroppedKeys } from '../../ddl/read-alterations.ts'
import { type Index, indexColumns, type Table } from '../../ddl/table.ts'
import { findPresentTable } from '../../ddl/table-state.ts'
import { listNames } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { isFirstTableOccupied } from '../existing-data.ts'
import type { HazardContext, HazardRule } from '../rule.ts'

export const dropIndex: HazardRule = {
  code: 'DROP_INDEX',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'keys',
  title: {
    en: '`DROP INDEX`, `DROP KEY` or `DROP PRIMARY KEY` that no other index replaces',
    zh: '删除没有其他索引可以替代的索引或主键',
  },
  why: {
    en: 'Queries that use it will scan the whole table, and where it is unique, duplicates can be stored.',
    zh: '使用它的查询将扫描整张表；若是唯一索引，还可能写入重复值。',
  },
  fix: {
    en: 'Make the index INVISIBLE for a while, and drop it when no query has become slow.',
    zh: '请先把索引设为 INVISIBLE 一段时间，确认没有查询变慢后再删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/invisible-indexes.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a DROP KEY by_n; SELECT id FROM a FORCE INDEX (by_n) WHERE n = 1',
        claims: { server: 'refuses', number: 1176 },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))', sql: 'DROP INDEX by_n ON a' },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a DROP KEY by_n, ADD KEY by_n (n, id)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a ALTER INDEX by_n INVISIBLE',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const names = findDropped(tokens, statement, context, ['INDEX', 'PRIMARY'])
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `Queries that use ${listNames(names)} will scan the whole table, and where it is unique, duplicates can be stored.`,
          zh: `使用 \`${names.join('`、`')}\` 的查询将扫描整张表；若它是唯一索引，还可能写入重复值。`,
        },
      },
    ]
  },
}

export const dropConstraint: HazardRule = {
  code: 'DROP_CONSTRAINT',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'keys',
  title: {
    en: '`DROP FOREIGN KEY`, `DROP CONSTRAINT` or `DROP CHECK`, unless the same statement adds one of the same kind',
    zh: '删除外键、约束或 CHECK，且同一语句没有添加同类约束',
  },
  why: {
    en: 'The server no longer checks it: rows that violate it may be stored, and then it cannot be added again.',
    zh: '服务器不再检查它：违反约束的行可能被写入，之后就无法再加回来。',
  },
  fix: {
    en: 'Add the new constraint in the same ALTER TABLE, or explain in the file why it is no longer needed.',
    zh: '请在同一条 ALTER TABLE 中添加新约束，或在文件中说明为何不再需要。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP FOREIGN KEY fk_p; INSERT INTO a (id, p_id) VALUES (1, 9)',
        claims: { server: 'accepts' },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id))',
        sql: 'ALTER TABLE a DROP FOREIGN KEY fk_p, ADD CONSTRAINT fk_parent FOREIGN KEY (p_id) REFERENCES p (id)',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const names = findDropped(tokens, statement, context, ['FOREIGN KEY', 'CONSTRAINT', 'CHECK'])
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `The server no longer checks ${listNames(names)}: rows that violate it may be stored, and then it cannot be added again.`,
          zh: `服务器不再检查 \`${names.join('`、`')}\`：违反约束的行可能被写入，之后就无法再加回来。`,
        },
      },
    ]
  },
}

/** An index, foreign key or check, as far as a drop asks for it. */
interface Key {
  readonly name: string
  readonly kind: Index['kind'] | 'FOREIGN KEY' | 'CHECK'
  /** In order; empty for a check. */
  readonly columns: readonly string[]
  readonly isMade: boolean
}

function listKeys({ indexes, foreignKeys, checks }: Pick<Table, 'indexes' | 'foreignKeys' | 'checks'>): readonly Key[] {
  const named = (one: { readonly name: string | null; readonly made?: true }): Pick<Key, 'name' | 'isMade'> => ({
    name: one.name ?? '',
    isMade: one.made === true,
  })
  return [
    ...indexes.map((index) => ({ ...named(index), kind: index.kind, columns: indexColumns(index) })),
    ...foreignKeys.map((key) => ({ ...named(key), kind: 'FOREIGN KEY' as const, columns: key.columns })),
    ...checks.map((check) => ({ ...named(check), kind: 'CHECK' as const, columns: [] })),
  ]
}

/** The names of dropped keys that existed before the plan. */
function findDropped(
  tokens: readonly Token[],
  statement: Statement,
  context: HazardContext,
  kinds: readonly DroppedKey['kind'][],
): readonly string[] {
  const all = readDroppedKeys(tokens)
  const dropped = all.filter(({ kind }) => kinds.includes(kind))
  if (dropped.length === 0 || !isFirstTableOccupied(statement, context)) return []
  const table = findPresentTable(statement, context.tables)
  const keys = table?.complete === true ? listKeys(table) : null
  const added = listKeys(readAddedKeys(tokens))
  const others = (keys ?? []).filter((key) => !all.some((drop) => isMeant(key, drop)))
  return dropped.filter((drop) => isMissed(drop, keys, [...others, ...added], added)).map(({ name }) => name)
}

/** Indexes and foreign keys have separate names; DROP CONSTRAINT matches either. */
function isMeant(key: Key, { kind, name }: DroppedKey): boolean {
  if (!isSameName(key.name, name)) return false
  if (kind === 'CONSTRAINT') return isConstraint(key)
  return kind === 'INDEX' ? isIndex(key) : key.kind === kind
}

const isIndex = ({ kind }: Key): boolean => kind !== 'FOREIGN KEY' && kind !== 'CHECK'

const isConstraint = ({ kind }: Key): boolean => ['PRIMARY', 'UNIQUE', 'FOREIGN KEY', 'CHECK'].includes(kind)

/** @param keys null where they are not known */
function isMissed(drop: DroppedKey, keys: readonly Key[] | null, left: readonly Key[], added: readonly Key[]): boolean {
  const key = keys?.find((each) => isMeant(each, drop))
  if (keys !== null && key === undefined) return false
  if (key?.isMade === true) return false
  if (drop.kind === 'PRIMARY' || drop.kind === 'INDEX') {
    if (added.some(({ kind, name }) => (drop.kind === 'PRIMARY' ? kind === 'PRIMARY' : isSameName(name, drop.name))))
      return false
    return key === undefined || !left.some((other) => canReplace(other, key))
  }
  if (drop.kind === 'CONSTRAINT') return !added.some((key) => isConstraint(key) && isSameName(key.name, drop.name))
  return !added.some(({ kind }) => kind === drop.kind)
}

function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}

/** An index that begins with the same columns serves the same queries; to replace a unique one it must have the same columns and be unique. */
function canReplace(other: Key, key: Key): boolean {
  if (!isIndex(other) || key.columns.length === 0) return false
  const begins = key.columns.every((column, at) => isSameName(column, other.columns[at] ?? ''))
  if (!isConstraint(key)) return begins
  return begins && isConstraint(other) && other.columns.length === key.columns.length
}
