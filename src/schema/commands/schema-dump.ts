import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { fresh } from '../../command/shared-flags.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { assertNever, ToolError } from '../../core/tool-error.ts'
import { describeUneven } from '../../ddl/merge-shards.ts'
import { fingerprintSchema, type SchemaSnapshot } from '../../ddl/snapshot.ts'
import { exitCodeWith } from '../../migrations/unreached.ts'
import { readFamilies } from '../../shards/templates/read-families.ts'
import { nameSchemas } from '../drift/show-schemas.ts'
import { describeFamily, type FoldedFamily, foldFamilies } from '../fold-families.ts'
import { refuseHidden } from '../hidden.ts'
import { renderDbml, renderMermaid } from '../render-diagram.ts'
import { plain, renderSchema, renderStatements } from '../render-sql.ts'
import type { SchemaDump } from '../schema-dump.ts'
import type { SourcedSchema } from '../sources/read-live.ts'
import { parseSource, readReachable, warnOfUnreached } from '../sources/sources.ts'
import { describeFault } from '../uncompared.ts'
import { writeVschema } from '../write-vschema.ts'

const formats = ['sql', 'json', 'mermaid', 'dbml'] as const

/** `wwdb schema dump`: a schema as SQL that recreates it, as JSON, or as a diagram. Writes nothing to a database. */
export const command = defineCommand({
  name: 'schema dump',
  group: 'Databases and projects',
  summary: 'print a schema as SQL, as JSON, or as a diagram',
  purpose:
    'Prints the tables, views, routines, triggers and events of every database in a normal form: the same schema ' +
    'gives the same text on every server. Tables of wwdb are left out. Shards of a family are created from its ' +
    'template: a comment gives the family, the template and the number of shards (`--shards` writes them all). ' +
    'AUTO_INCREMENT and DEFINER are also left out. A keyspace of Vitess has the statements of its VSchema at the end, as far as vtgate shows it.',
  examples: [
    { command: 'wwdb schema dump -t user_db --out user_db.sql', purpose: 'the definitions of one database, in a file' },
    {
      command: 'wwdb schema dump --from files --as mermaid',
      purpose: 'a diagram of what the migration files make',
    },
  ],
  flags: {
    'What to print': {
      as: { value: 'FORMAT', description: 'what to print', choices: formats, default: 'sql' },
      from: {
        value: 'SOURCE',
        description: 'live, files (replayed in scratch schemas), env:NAME or file:PATH',
        default: 'live',
      },
      fresh,
      out: { value: 'FILE', type: 'file', description: 'write to this file' },
      shards: { description: 'write every shard, instead of a comment for each family' },
      definers: { description: 'include DEFINER' },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run(options, context) {
    const source = parseSource('from', options.from, options.fresh)
    if (options.shards && source.type !== 'live' && source.type !== 'environment') {
      throw new ToolError('USAGE', {
        what: `\`--from ${options.from}\` has no shards.`,
        next: 'Leave out `--shards`, or read a database: `--from live` or `--from env:NAME`.',
      })
    }
    const { schemas, unreached } = await readReachable(context, source, options.shards ? 'write' : 'fold')
    refuseHidden(schemas)
    warnOfUnreached(context, unreached)
    warnOfUneven(context, schemas)
    for (const { database, vschemaFault: fault } of schemas)
      if (fault !== undefined)
        context.emit({ type: 'warning', message: describeFault(database.name, fault), target: null })
    const exitCode = exitCodeWith(exitCodes.done, unreached.length > 0)
    const config = await context.config()
    const families = options.shards
      ? []
      : await readFamilies({ ...config, chosen: new Set(schemas.map(({ database }) => database.name)) })
    const content = print(foldSchemas(schemas, families), config, options.as, options.definers)
    const format = options.as === 'json' ? 'json' : 'text'
    if (options.out === undefined) return { result: { kind: 'document', format, content }, exitCode }
    await writeFile(resolve(context.process.cwd, options.out), content)
    return { result: { kind: 'files', created: [options.out], changed: [], next: [] }, exitCode }
  },
})

/** A schema with the families that stand for its shards. */
interface FoldedSchema {
  readonly snapshot: SchemaSnapshot
  readonly families: readonly FoldedFamily[]
}

function warnOfUneven({ emit }: Pick<Context, 'emit'>, schemas: readonly SourcedSchema[]): void {
  for (const { database, uneven = [] } of schemas)
    for (const one of uneven) {
      const message = `The shards of \`${database.name}\` differ, and what the first shard that has it has is printed: ${describeUneven(one)}.`
      emit({ type: 'warning', message, target: null })
    }
}

function foldSchemas(schemas: readonly SourcedSchema[], families: readonly ShardFamily[]): readonly FoldedSchema[] {
  return schemas.map(({ database, snapshot, leftOut }) => ({
    snapshot,
    families: foldFamilies(families, database.name, leftOut),
  }))
}

function print(
  schemas: readonly FoldedSchema[],
  config: Config,
  format: (typeof formats)[number],
  definers: boolean,
): string {
  const snapshots = schemas.map(({ snapshot }) => snapshot)
  const comments = schemas.flatMap(({ families }) => families.map(describeFamily))
  switch (format) {
    case 'sql':
      return schemas.map((one) => printSchema(one, config, definers, schemas.length > 1)).join('\n')
    case 'json': {
      const documents: SchemaDump = schemas.map(({ snapshot, families }) => ({
        ...snapshot,
        families,
        fingerprint: fingerprintSchema(snapshot),
      }))
      return `${JSON.stringify(documents, null, 2)}\n`
    }
    case 'mermaid':
      return `${renderMermaid(snapshots)}${comments.map((one) => `  %% ${one}\n`).join('')}`
    case 'dbml':
      return `${renderDbml(snapshots)}${comments.map((one) => `// ${one}\n`).join('')}`
    default:
      return assertNever(format)
  }
}

/** One database as SQL; families follow the tables that they reference. */
function printSchema(
  { snapshot, families }: FoldedSchema,
  config: Config,
  definers: boolean,
  isOneOfSeveral: boolean,
): string {
  const sql = nameSchemas(renderSchema(snapshot, { definers }), config.databases)
  const vschema = nameSchemas(renderVschema(snapshot), config.databases)
  const comments = families.map((one) => `-- ${describeFamily(one)}\n`).join('')
  const between = sql === '' || comments === '' ? '' : '\n'
  return `${isOneOfSeveral ? `-- ${snapshot.database}\n\n` : ''}${sql}${between}${comments}${sql === '' || vschema === '' ? '' : '\n'}${vschema}`
}

/** The VSchema of a keyspace behind its tables, with what vtgate has no statement for as comments. */
function renderVschema(snapshot: SchemaSnapshot): string {
  const { keys, last, byHand } = writeVschema(snapshot, { ...snapshot, objects: [], vschema: [] })
  return `${renderStatements([...keys, ...last].map(plain))}${byHand.map((sentence) => `-- ${sentence}\n`).join('')}`
}
