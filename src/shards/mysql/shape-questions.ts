import { isAtLeast } from '../../core/version.ts'
import { quoteString } from '../../sql/quote-name.ts'

export interface ShapeRequest {
  readonly schema: string
  /** The schema that names without one are looked up in: not `schema` where a template is tried in a scratch schema. */
  readonly home: string
  /** Null for every table. */
  readonly names: readonly string[] | null
  /** `8.0.12` */
  readonly version: string
}

/** More names than this are chosen by us: the server would compare each table with each of them. */
const chosenByServer = 200

/** A row of every part: its letter, the table's name, and so many columns. */
const width = 10

interface Part {
  readonly letter: string
  readonly from: string
  readonly columns: readonly string[]
  readonly schemaColumn: string
  readonly where?: string
}

/**
 * One question for what all tables of a schema are made of, none of their statistics among it. Each row begins with a
 * letter for its kind: `t`able, `c`olumn, `i`ndex column, foreign `k`ey, key col`u`mn, c`h`eck.
 */
export function selectShapes(request: ShapeRequest): string {
  const parts = [...commonParts(request), ...(isAtLeast(request.version, '8.0.16') ? [checks] : [])]
  return parts.map((part) => renderPart(part, request, request.names)).join('\nUNION ALL ')
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

/** IN () is no SQL; no table is called the empty string. */
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
