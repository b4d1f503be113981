import { compileNaming, type ShardNaming } from '../calendar/naming.ts'
import { firstId } from '../calendar/period.ts'
import type { Config } from '../config/config.ts'
import type { ShardFamily, SharedReference } from '../core/shard-family.ts'
import { assertNever } from '../core/tool-error.ts'
import { readCreatedTable } from '../ddl/created-table.ts'
import type { Schemas } from '../migrations/plan/placeholders.ts'
import type { ShardNames } from '../migrations/plan/shard-names.ts'
import type { DeclaredKey } from '../references/declared-keys.ts'
import { quoteName, quoteQualified } from '../sql/quote-name.ts'
import type { LiveTable, TableToCreate } from './ports.ts'
import type { Shard } from './shard.ts'
import type { VschemaStatement } from './step-statements.ts'

/** What a shard's text depends on besides its family. */
export interface RenderContext {
  /** The schema of each logical database, by name: shared references are qualified with it. */
  readonly schemas: Schemas
  /** All families: those that the template names as siblings must be among them. */
  readonly families: readonly ShardFamily[]
}

/** A part of a template's text: literal text, a name with placeholders in it, or a place where something is inserted. */
type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'references' }
  | { readonly type: 'first id' }

/**
 * The CREATE TABLE IF NOT EXISTS of one shard: its own name and those of its siblings filled in and quoted, shared references
 * where the family's are physical, AUTO_INCREMENT where its IDs begin at the period.
 * @throws ToolError `KEY_INVALID` for a shard whose key is not valid for the family.
 */
export function renderShard(
  family: ShardFamily,
  shard: Pick<Shard, 'key'>,
  { schemas, families }: RenderContext,
): TableToCreate {
  const table = namingOf(family).name(shard.key)
  const siblings = new Map(family.template.siblings.map((name) => [name, siblingTable(families, name, shard.key)]))
  const render = (piece: Piece): string => {
    switch (piece.type) {
      case 'text':
        return piece.text
      case 'name':
        return quoteName(fillName(piece.name, table, siblings))
      case 'references':
        return family.policy.references === 'physical' ? renderReferences(family, schemas) : ''
      case 'first id':
        return renderFirstId(family, shard.key)
      default:
        return assertNever(piece)
    }
  }
  const vschema = renderVschema(family, table, schemas)
  const text = piecesOf(family).map(render).join('')
  return { table, text, after: [...siblings.values()], ...(vschema.length > 0 && { vschema }) }
}

/** What leads the rows of a shard to the shards of a keyspace, and numbers them for all of these. */
function renderVschema(
  { vindex, sequence }: ShardFamily,
  table: string,
  schemas: Schemas,
): readonly VschemaStatement[] {
  const on = `ALTER VSCHEMA ON ${quoteName(table)} ADD`
  const own = { type: 'vschema', schema: null, name: table } as const
  const statements: VschemaStatement[] = []
  if (vindex !== undefined)
    statements.push({
      text: `${on} VINDEX ${quoteName(vindex.name)} (${vindex.columns.map(quoteName).join(', ')}) USING ${vindex.type}`,
      objects: [own, { type: 'vindex', schema: null, name: vindex.name }],
    })
  if (sequence !== undefined)
    statements.push({
      text: `${on} AUTO_INCREMENT ${quoteName(sequence.column)} USING ${quoteQualified(schemas.get(sequence.database) ?? sequence.database, sequence.table)}`,
      objects: [own],
    })
  return statements
}

/** The first ID of a shard, or null where IDs restart at 1: the digits of its period times the factor. */
export function firstIdOf(family: Pick<ShardFamily, 'template'>, key: string): bigint | null {
  const { idBase } = family.template
  return idBase === null ? null : firstId(key, idBase.factor)
}

const namings = new WeakMap<ShardFamily, ShardNaming>()

/** The naming of a family's shards; compiled once. */
export function namingOf(family: ShardFamily): ShardNaming {
  const known = namings.get(family)
  if (known !== undefined) return known
  const naming = compileNaming(family.pattern, family.division)
  namings.set(family, naming)
  return naming
}

/** A family after those whose shards must be created before its own. */
export function withSiblings(family: ShardFamily, families: readonly ShardFamily[]): readonly ShardFamily[] {
  const siblings = family.template.siblings.flatMap((name) => {
    const sibling = families.find((each) => each.name === name)
    return sibling === undefined ? [] : withSiblings(sibling, families)
  })
  return [...new Set([...siblings, family])]
}

function siblingTable(families: readonly ShardFamily[], name: string, key: string): string {
  const sibling = families.find((family) => family.name === name)
  if (sibling === undefined) throw new Error(`no family ${name}: sources should have refused the placeholder`)
  return namingOf(sibling).name(key)
}

const placeholder = /\{\{(?:table|sibling:(\w+))\}\}/g

function fillName(name: string, table: string, siblings: ReadonlyMap<string, string>): string {
  return name.replace(placeholder, (_, sibling?: string) =>
    sibling === undefined ? table : (siblings.get(sibling) ?? ''),
  )
}

function renderReferences({ template }: ShardFamily, schemas: Schemas): string {
  return template.sharedReferences.map((reference) => `,\n  ${renderReference(reference, schemas)}`).join('')
}

/** Without a name: the server names it after the table, and renames it with the table. */
function renderReference(reference: SharedReference, schemas: Schemas): string {
  const schema = schemas.get(reference.database)
  if (schema === undefined) throw new Error(`no logical database ${reference.database}: sources should have refused it`)
  const list = (names: readonly string[]): string => `(${names.map(quoteName).join(', ')})`
  const parent = `${quoteName(schema)}.${quoteName(reference.table)} ${list(reference.parentColumns)}`
  const rule = reference.onDelete === 'restrict' ? '' : ` ON DELETE ${reference.onDelete.toUpperCase()}`
  return `FOREIGN KEY ${list(reference.columns)} REFERENCES ${parent}${rule}`
}

function renderFirstId(family: ShardFamily, key: string): string {
  const first = firstIdOf(family, key)
  return first === null ? '' : ` AUTO_INCREMENT=${first}`
}

const taken = new WeakMap<ShardFamily, readonly Piece[]>()

/** The parsed template; parsed once, however many shards are made from it. */
function piecesOf(family: ShardFamily): readonly Piece[] {
  const known = taken.get(family)
  if (known !== undefined) return known
  const pieces = takeApart(family.template.text)
  taken.set(family, pieces)
  return pieces
}

interface Insertion {
  readonly start: number
  readonly end: number
  readonly piece: Piece
}

function takeApart(text: string): readonly Piece[] {
  const created = readCreatedTable(text)
  if (created === null) throw new Error('no CREATE TABLE with columns: sources should have refused the template')
  const { tokens, tableWordEnd, ifNotExists, definitionsEnd, closingEnd } = created
  const at = (offset: number, piece: Piece): Insertion => ({ start: offset, end: offset, piece })
  const insertions: Insertion[] = [
    ...(ifNotExists ? [] : [at(tableWordEnd, { type: 'text', text: ' IF NOT EXISTS' })]),
    ...tokens
      .filter((token) => token.type === 'name' && token.text.includes('{{'))
      .map(({ start, end, text: name }): Insertion => ({ start, end, piece: { type: 'name', name } })),
    at(definitionsEnd, { type: 'references' }),
    at(closingEnd, { type: 'first id' }),
  ]
  const pieces: Piece[] = []
  let done = 0
  for (const { start, end, piece } of insertions.toSorted((one, other) => one.start - other.start)) {
    pieces.push({ type: 'text', text: text.slice(done, start) }, piece)
    done = end
  }
  return [...pieces, { type: 'text', text: text.slice(done) }]
}

/** The names of a shard and its siblings in the shard's statements. */
export function namesOf(family: ShardFamily, families: readonly ShardFamily[], key: string): ShardNames {
  const siblings = families.filter((one) => one.name !== family.name && one.database === family.database)
  // Another division may not have this key: its shards are not siblings.
  const sameDivision = siblings.filter((one) => one.division.type === family.division.type && sameKeys(one, family))
  return {
    table: namingOf(family).name(key),
    siblings: new Map(sameDivision.map((one) => [one.name, namingOf(one).name(key)])),
  }
}

function sameKeys(one: ShardFamily, other: ShardFamily): boolean {
  return JSON.stringify(one.division) === JSON.stringify(other.division)
}

/** The existing tables of each database, partitions that are shards among them, by the database's name. */
type TablesByDatabase = ReadonlyMap<string, readonly LiveTable[]>

/**
 * The keys to shared tables that templates declare, one per family and key, with the family's live shards: those that reference
 * another logical database, or with `all` every one, whether or not the server enforces them.
 */
export function declareShardKeys(
  config: Config,
  families: readonly ShardFamily[],
  tables: TablesByDatabase,
  all: boolean,
): readonly DeclaredKey[] {
  return families.flatMap((family) =>
    family.template.sharedReferences
      .filter((reference) => all || reference.database !== family.database)
      .flatMap((reference) => {
        const key = declareKey(config, family, reference)
        if (key === null) return []
        const own = (tables.get(family.database) ?? []).filter(({ name }) => namingOf(family).parse(name) !== null)
        // Those that are partitions are read as the table that has them, with the rows of its closed ranges.
        return [{ ...key, shards: [...new Set(own.map(({ name, partitionOf }) => partitionOf ?? name))] }]
      }),
  )
}

function declareKey(config: Config, family: ShardFamily, reference: SharedReference): DeclaredKey | null {
  const [child, parent] = [family.database, reference.database].map((name) =>
    config.databases.find((database) => database.name === name),
  )
  if (child === undefined || parent === undefined) return null
  const { columns, parentColumns, table, line } = reference
  return {
    name: `${family.name}_${columns.join('_')}`,
    child: { database: child, logical: child.name, schema: child.schema, table: family.pattern, columns },
    parent: { database: parent, logical: parent.name, schema: parent.schema, table, columns: parentColumns },
    file: family.template.file,
    line,
  }
}
