import type { Config } from '../config/config.ts'
import { inOneSentence, ToolError } from '../core/tool-error.ts'
import { isCode } from '../ddl/compare-snapshots.ts'
import type { SchemaScope, SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import type { ReplayRequest } from '../migrations/behind-record.ts'
import { resolveObjects, resolveText, type Schemas, schemasOf } from '../migrations/plan/placeholders.ts'
import { snapshotOptions } from '../migrations/record-schema.ts'
import { createdTemporaryTables } from '../sql/classify.ts'
import type { Statement } from '../sql/statement.ts'
import { resemblesImplicit, writeKeys } from './foreign-key-indexes.ts'
import type { SchemaServers, ScratchSchemas } from './ports.ts'
import { createTable, makeCode, makeObjects, plain, type RenderedStatement } from './render-sql.ts'

/**
 * The result of statements on recorded objects, in scratch schemas. The record does not say which indexes MySQL created for foreign keys, which a
 * later index replaces: where an index may be one of these, both variants are created.
 */
export async function replayBehind(
  servers: SchemaServers,
  { databases, timeouts }: Pick<Config, 'databases' | 'timeouts'>,
  scope: SchemaScope,
  request: ReplayRequest,
): Promise<readonly SchemaSnapshot[]> {
  const own = databases.find(({ name }) => name === request.database)
  // No statement of a keyspace reaches another one.
  const beside = databases.filter(
    (one) => one === own || (one.vitess === undefined && one.server.label === own?.server.label),
  )
  const variants: SchemaSnapshot[] = []
  for (const made of listVariants(request)) {
    const scratch = await servers.openScratch(beside, timeouts, 'present')
    try {
      const schemas = new Map([...schemasOf({ databases }), ...schemasOf(scratch)])
      await runAll(scratch, request, made, schemas)
      const place = scratch.databases.find(({ name }) => name === request.database)
      if (place === undefined) throw new Error(`${request.database} has no scratch schema`)
      const session = await servers.open(place, timeouts)
      try {
        const { snapshot } = await session.read(snapshotOptions([...databases, ...scratch.databases], place, scope))
        variants.push(snapshot)
      } finally {
        await session.close()
      }
    } finally {
      await scratch.close()
    }
  }
  return variants
}

/**
 * The statements that create the objects: with every index, and without those that MySQL may have created for foreign
 * keys.
 */
function listVariants({ objects }: ReplayRequest): readonly (readonly RenderedStatement[])[] {
  const options = { definers: false }
  const tables = objects.filter((object): object is TableSnapshot => object.type === 'table')
  const implicit = new Map(
    tables.map((table) => [table.name, resemblesImplicit(table)] as const).filter(([, names]) => names.length > 0),
  )
  const all = makeObjects(objects, options)
  if (implicit.size === 0) return [all]
  const keys = writeKeys(tables, implicit)
  return [
    all,
    [
      ...keys.tables.map((table) => plain(createTable(table))),
      ...keys.before,
      ...keys.after,
      ...makeCode(objects.filter(isCode), options, new Set()),
    ],
  ]
}

async function runAll(
  scratch: ScratchSchemas,
  { database, defaults, statements }: ReplayRequest,
  made: readonly RenderedStatement[],
  schemas: Schemas,
): Promise<void> {
  const run = (text: string): Promise<void> => scratch.run(database, text)
  if (defaults !== null) await run(`ALTER DATABASE CHARACTER SET ${defaults.charset} COLLATE ${defaults.collation}`)
  // Existing objects were created under other modes; parents may be in databases that are empty here.
  await run('SET @wwdb_mode=@@SESSION.sql_mode, @wwdb_zone=@@SESSION.time_zone')
  await run("SET SESSION sql_mode='', foreign_key_checks=0")
  for (const { text } of made) await run(resolveText(text, schemas))
  await run('SET SESSION sql_mode=@wwdb_mode, time_zone=@wwdb_zone, foreign_key_checks=0')
  const inside = new Set(scratch.databases.map(({ schema }) => schema))
  const temporary = new Set<string>()
  for (const statement of statements) {
    refuseOutside(statement, schemas, inside)
    const text = resolveText(statement.text, schemas)
    await run(text).catch((error: unknown) => refuseFailure(statement, temporary, error))
    for (const { name } of createdTemporaryTables(text)) temporary.add(name.toLowerCase())
  }
}

/** A statement that affects more than the scratch schemas would change existing objects. */
function refuseOutside(statement: Statement, schemas: Schemas, inside: ReadonlySet<string>): void {
  const outside = resolveObjects(statement.objects, schemas).find(
    ({ type, schema, name }) =>
      (schema !== null && !inside.has(schema)) || (type === 'schema' && name !== '' && !inside.has(name)),
  )
  if (outside === undefined) return
  const why = `line ${statement.line} of \`${statement.file}\` names another schema.`
  throw new ToolError('STATEMENT_FAILED', { what: why, why })
}

/** A statement that only fills or reads tables may fail on empty ones; a definition may not. */
function refuseFailure(statement: Statement, temporary: ReadonlySet<string>, cause: unknown): void {
  const { file, line, objects } = statement
  const isTemporary = objects.length > 0 && objects.every(({ name }) => temporary.has(name.toLowerCase()))
  if (statement.class !== 'definition' || isTemporary) return
  const why = inOneSentence({
    what: `line ${line} of \`${file}\` fails in a scratch schema.`,
    why: cause instanceof Error ? cause.message : String(cause),
  })
  throw new ToolError('STATEMENT_FAILED', { what: why, why }, { cause })
}
