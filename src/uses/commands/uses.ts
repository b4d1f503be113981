import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { type ExitCode, exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { isCalled } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { readRanTexts } from '../../migrations/ran-texts.ts'
import { namingOf } from '../../shards/render-shard.ts'
import { readFamilies } from '../../shards/templates/read-families.ts'
import { findCode, findStatements, type LiveStatement } from '../find-uses.ts'
import { type ServerLook, type StatementServers, statementServers } from '../ports.ts'
import { type FoundObject, findObject, readTyped, type TypedObject } from '../resolve-object.ts'
import type { AskedServer, UsesResult, UsingStatement } from './uses-view.ts'

/** `wwdb uses`: which live statements name a table, a column or an index. */
export const command = defineCommand({
  name: 'uses',
  group: 'Migrations',
  summary: 'which live statements name a table, a column or an index',
  purpose:
    'Reads the statements that the primary, every replica of `throttle.replicas` and every member of their groups have counted, and shows those that name the object, with their ' +
    'number, when they were seen last, and who sent them where that is known; and the views, routines, triggers and events that name it. ' +
    'Statements of wwdb itself do not count. Writes nothing. Exit code 1 if something names it; 2 if nothing does, and a server could not be looked at.',
  examples: [
    { command: 'wwdb uses users.nick', purpose: 'before the column is dropped' },
    { command: 'wwdb uses user_db.users --within 30d', purpose: 'a table of one database' },
    { command: 'wwdb uses messages.idx_sender', purpose: 'an index of every shard of a family' },
  ],
  arguments: {
    object: { description: 'TABLE, TABLE.COLUMN or TABLE.INDEX, with DATABASE. before it or without', required: true },
  },
  flags: {
    'What counts': {
      within: {
        value: 'DURATION',
        type: 'duration',
        description: 'only statements that were seen within this time',
        default: '7 days',
      },
    },
  },
  exitCodes: [exitCodes.done, exitCodes.findings, ...exitCodesOf.servers.slice(1)],
  interruption: 'at-once',
  writes: false,
  connects: true,
  async run({ object, within: given }, context) {
    const config = await context.config()
    const typed = readTyped(object, config, context.targets)
    const within = readDurationFlag('--within', given) ?? wholeTime
    const servers = await context.port(statementServers)
    const found = await find(config, typed, object, servers)
    const result = await look(config, found, servers, within, context)
    return { result, exitCode: exitCodeOf(result) }
  },
})

/** `--within none`: as long as the server has counted. */
const wholeTime = 36_500 * 86_400_000

async function find(config: Config, typed: TypedObject, text: string, servers: StatementServers): Promise<FoundObject> {
  const families = await readFamilies(config)
  const schemasBeside = ({ server }: DatabaseConfig): readonly string[] =>
    config.databases.filter((one) => one.server.label === server.label).map(({ schema }) => schema)
  const found: FoundObject[] = []
  for (const database of typed.databases) {
    const family = families.find((one) => one.database === database.name && isCalled(one, typed.table))
    const parts = await servers.readParts(
      database,
      schemasBeside(database),
      config.timeouts,
      typed.part === null ? [] : [typed.part],
    )
    const isMember = (name: string): boolean => family !== undefined && namingOf(family).parse(name) !== null
    const one = findObject(database, typed, parts, isMember)
    if (one !== null) found.push(one)
  }
  const [first, ...others] = found
  if (first === undefined) throw missing(text, typed)
  if (others.length === 0) return first
  const names = found.map(({ database }) => `\`${database.name}.${text}\``).join(' or ')
  throw new ToolError('USAGE', { what: `Several databases have \`${text}\`.`, next: `Write ${names}.` })
}

function missing(text: string, { databases, part }: TypedObject): ToolError {
  const places = databases.map(({ name }) => `\`${name}\``).join(', ')
  const what = part === null ? 'table or shard family' : 'column or index'
  return new ToolError('USAGE', {
    what: `The ${what} \`${text}\` does not exist in ${places}.`,
    next: 'Check the name with `wwdb schema dump`.',
  })
}

async function look(
  config: Config,
  found: FoundObject,
  servers: StatementServers,
  within: number,
  { now }: Pick<Context, 'now'>,
): Promise<UsesResult> {
  const { database, tables, column, index, objects, word, parts } = found
  const question = { schema: database.schema, schemas: [database.schema], words: [word], within }
  const [looks, ran] = await Promise.all([
    servers.look(database, config.throttle.replicas, config.timeouts, question),
    readRanTexts(config, database, servers),
  ])
  const statements: UsingStatement[] = []
  const asked = looks.map((one): AskedServer => {
    if (one.type === 'unseen') return { name: one.name, server: one.server, why: one.why, ...nothingSeen }
    const judged = objects.map((object) => findStatements(one, object, ran))
    const own = new Map(
      judged.flatMap((each) => each.statements).map((each) => [`${each.schema} ${each.digest}`, each]),
    )
    statements.push(...[...own.values()].map((each) => toUsing(one.name, each)))
    return {
      ...{ name: one.name, server: one.server, why: null, countedSince: iso(one.countedSince), lost: one.lost },
      statements: own.size,
      unjudged: Math.min(...judged.map((each) => each.unjudged)),
      ...sumIndexes(one, tables, index),
    }
  })
  const code = objects.map((object) => findCode(parts.stored, object))
  return {
    kind: 'uses',
    ...{ database: database.name, tables, column, index, since: iso(now() - within), servers: asked },
    statements,
    code: code.flatMap((one) => one.code),
    unjudgedCode: (code[0]?.unjudged ?? []).map(({ type, schema, name }) => ({ type, schema, name })),
  }
}

const nothingSeen = { countedSince: null, statements: 0, unjudged: 0, lost: 0, reads: 0, writes: 0 }

const iso = (milliseconds: number): string => new Date(Math.max(0, milliseconds)).toISOString()

function toUsing(server: string, { firstSeen, lastSeen, sample: _, ...statement }: LiveStatement): UsingStatement {
  return { server, ...statement, firstSeen: iso(firstSeen), lastSeen: iso(lastSeen) }
}

/** Of an index its own reads and writes, otherwise those of its tables. */
function sumIndexes(
  { indexes }: Extract<ServerLook, { type: 'seen' }>,
  tables: readonly string[],
  index: string | null,
): { readonly reads: number; readonly writes: number } {
  const known = new Set(tables.map((name) => name.toLowerCase()))
  const own = indexes.filter(
    (one) => known.has(one.table.toLowerCase()) && (index === null || one.index?.toLowerCase() === index.toLowerCase()),
  )
  const sum = (read: (one: (typeof own)[number]) => number): number => own.reduce((all, one) => all + read(one), 0)
  return { reads: sum(({ reads }) => reads), writes: sum(({ writes }) => writes) }
}

function exitCodeOf({ statements, code, servers }: UsesResult): ExitCode {
  if (statements.length > 0 || code.length > 0) return exitCodes.findings
  return servers.some(({ why }) => why !== null) ? exitCodes.failed : exitCodes.done
}
