import { isAtLeast } from '../../core/version.ts'
import { withoutMadeEnd } from '../../ddl/vitess-checks.ts'
import type { Row } from '../../mysql/connection.ts'
import { markLong } from '../../sql/own-hint.ts'
import { quoteString } from '../../sql/quote-name.ts'

export interface ShapeRequest {
  readonly schema: string
  /** The schema in which unqualified names are looked up: not `schema` where a template is tried in a scratch schema. */
  readonly home: string
  /** Null for every table. */
  readonly names: readonly string[] | null
  /** `8.0.12` */
  readonly version: string
  /** Tables that are described without their partitions: each of these is a shard of its own. */
  readonly whole?: ReadonlySet<string>
  /** `vitess`: checks have names of Vitess' own, which differ between tables of one text. */
  readonly namesChecks?: 'vitess'
}

/** For a longer list, wwdb filters itself: the server would compare each table with each name. */
const chosenByServer = 200

/** A row for every part: its letter, the table's name, and this number of columns. */
const width = 10

interface Part {
  readonly letter: string
  readonly from: string
  readonly columns: readonly string[]
  readonly schemaColumn: string
  readonly where?: string
}

/**
 * One query for the definitions of all tables of a schema, without any statistics. Each row begins with a letter for
 * its kind: `t`able, `c`olumn, `i`ndex column, foreign `k`ey, key col`u`mn, c`h`eck.
 */
export function selectShapes(request: ShapeRequest): string {
  const parts = [...commonParts(request), ...(isAtLeast(request.version, '8.0.16') ? [checks] : [])]
  // Servers cut it: unmarked, what is left of it may name any table to who looks for uses.
  return markLong(parts.map((part) => renderPart(part, request, request.names)).join('\nUNION ALL '))
}

/** The same for the partitions of those tables that have some. */
export function selectPartitions(request: ShapeRequest, names: readonly string[]): string {
  return renderPart(partitions, request, names)
}

function renderPart(part: Part, { schema }: ShapeRequest, names: readonly string[] | null): string {
  const filling = Array.from({ length: width - part.columns.length }, () => 'NULL')
  const chosen = names === null || names.length > chosenByServer ? [] : [`TABLE_NAME IN (${listOf(names)})`]
  const conditions = [
    `${part.schemaColumn}=${quoteString(schema)}`,
    ...chosen,
    ...(part.where === undefined ? [] : [part.where]),
  ]
  const columns = [`'${part.letter}'`, 'TABLE_NAME', ...part.columns, ...filling]
  return `SELECT ${columns.join(',')} FROM information_schema.${part.from} WHERE ${conditions.join(' AND ')}`
}

/** IN () is not valid SQL; no table has an empty name. */
function listOf(names: readonly string[]): string {
  return names.length === 0 ? `''` : names.map(quoteString).join(',')
}

function commonParts({ schema, home, version }: ShapeRequest): readonly Part[] {
  const own = `UNIQUE_CONSTRAINT_SCHEMA IN (${listOf([schema, home])})`
  return [
    {
      letter: 't',
      from: 'TABLES',
      columns: ['ENGINE', 'ROW_FORMAT', 'TABLE_COLLATION', 'CREATE_OPTIONS', 'TABLE_COMMENT'],
      schemaColumn: 'TABLE_SCHEMA',
      where: `TABLE_TYPE='BASE TABLE'`,
    },
    {
      letter: 'c',
      from: 'COLUMNS',
      columns:
        'COLUMN_NAME,ORDINAL_POSITION,COLUMN_TYPE,IS_NULLABLE,COLUMN_DEFAULT,EXTRA,COLLATION_NAME,COLUMN_COMMENT,GENERATION_EXPRESSION,SRS_ID'.split(
          ',',
        ),
      schemaColumn: 'TABLE_SCHEMA',
    },
    {
      letter: 'i',
      from: 'STATISTICS',
      columns: [
        ...'INDEX_NAME,SEQ_IN_INDEX,NON_UNIQUE,COLUMN_NAME,SUB_PART,COLLATION,INDEX_TYPE,IS_VISIBLE,INDEX_COMMENT'.split(
          ',',
        ),
        isAtLeast(version, '8.0.13') ? 'EXPRESSION' : 'NULL',
      ],
      schemaColumn: 'TABLE_SCHEMA',
    },
    {
      letter: 'k',
      from: 'REFERENTIAL_CONSTRAINTS',
      columns: [
        'CONSTRAINT_NAME',
        `IF(${own},NULL,UNIQUE_CONSTRAINT_SCHEMA)`,
        'REFERENCED_TABLE_NAME',
        'UPDATE_RULE',
        'DELETE_RULE',
      ],
      schemaColumn: 'CONSTRAINT_SCHEMA',
    },
    {
      letter: 'u',
      from: 'KEY_COLUMN_USAGE',
      columns: ['CONSTRAINT_NAME', 'ORDINAL_POSITION', 'COLUMN_NAME', 'REFERENCED_COLUMN_NAME'],
      schemaColumn: 'CONSTRAINT_SCHEMA',
      where: 'REFERENCED_TABLE_NAME IS NOT NULL',
    },
  ]
}

const checks: Part = {
  letter: 'h',
  from: 'TABLE_CONSTRAINTS JOIN information_schema.CHECK_CONSTRAINTS USING (CONSTRAINT_SCHEMA,CONSTRAINT_NAME)',
  columns: ['CONSTRAINT_NAME', 'CHECK_CLAUSE', 'ENFORCED'],
  schemaColumn: 'CONSTRAINT_SCHEMA',
  where: `CONSTRAINT_TYPE='CHECK'`,
}

const partitions: Part = {
  letter: 'p',
  from: 'PARTITIONS',
  columns:
    'PARTITION_ORDINAL_POSITION,PARTITION_NAME,PARTITION_METHOD,PARTITION_EXPRESSION,PARTITION_DESCRIPTION,SUBPARTITION_ORDINAL_POSITION,SUBPARTITION_NAME,SUBPARTITION_METHOD,SUBPARTITION_EXPRESSION,PARTITION_COMMENT'.split(
      ',',
    ),
  schemaColumn: 'TABLE_SCHEMA',
}

const ownName = '{{table}}'
const siblingKey = '{{key}}'

/** The columns of the rows of shape-questions.ts, by their letter, that may contain the table's own name: names and comments. */
const namePlaces: Readonly<Record<string, number>> = { t: 6, c: 9, i: 2, k: 2, u: 2, h: 2 }
const checkPlace = 2
/** The columns of a foreign key's row with its parent's schema (null: the table's own) and name. */
const parentSchemaPlace = 3
const parentPlace = 4

/** Vitess makes the name of a check from the one that is written, without the table's, and MySQL numbers those that have none. */
const nameCheck = (table: string, name: string): string =>
  withoutMadeEnd(name)
    .replace(`${table}_`, '')
    .replace(/^chk_\d+$/, 'chk')

/**
 * The row of a table in the form that is equal for every table of its family: the table's own name is a placeholder,
 * and so is the shard key in the name of a sibling that a foreign key references. The table's name itself is left out.
 */
export function neutralizeRow(table: string, row: Row, namesChecks?: ShapeRequest['namesChecks']): Row {
  const letter = String(row[0])
  const neutral = row.slice()
  neutral[1] = null
  if (letter === 'h' && namesChecks === 'vitess')
    return neutral.with(checkPlace, nameCheck(table, String(row[checkPlace])))
  const place = namePlaces[letter]
  const cell = place === undefined ? null : row[place]
  if (place !== undefined && typeof cell === 'string' && cell.includes(table))
    neutral[place] = cell.replaceAll(table, ownName)
  if (letter === 'k' && row[parentSchemaPlace] === null)
    neutral[parentPlace] = nameSibling(table, String(row[parentPlace]))
  return neutral
}

/**
 * The name of another table of the same schema that a foreign key refers to, as all shards of the family have it: the
 * common ending of both names, from a digit on, is the shared key (`group_members_42` to `groups_42`, `a_2026w49` to
 * `b_2026w49`). A name with the key elsewhere has it replaced where the whole run of digits is one of the table's own.
 */
export function nameSibling(own: string, parent: string): string {
  if (own === parent) return ownName
  let shared = 0
  while (shared < Math.min(own.length, parent.length) && own.at(-1 - shared) === parent.at(-1 - shared)) shared += 1
  const rest = parent.slice(parent.length - shared)
  // A number that is cut in two (142 and 42) is not shared.
  const cut = /\d$/.test(own.slice(0, own.length - shared)) || /\d$/.test(parent.slice(0, parent.length - shared))
  const key = (cut ? rest.replace(/^\d+/, '') : rest).replace(/^\D+/, '')
  if (key !== '') return parent.slice(0, parent.length - key.length) + siblingKey
  const runs = new Set(own.match(/\d+/g))
  return parent.replace(/\d+/g, (run) => (runs.has(run) ? siblingKey : run))
}
