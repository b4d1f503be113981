import { countOf, groupDigits } from '../../core/plural.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'

/** A server that was asked for the statements that it has counted. */
export interface AskedServer {
  /** The name of the replica, or `primary`; of a group member that is no named replica its address. */
  readonly name: string
  readonly server: string
  /** Why it was not looked at, as a clause; null where it was. */
  readonly why: string | null
  /** Nothing before this time is counted: the server started then, or its counters were reset. */
  readonly countedSince: string | null
  /** Different statements that name the object. */
  readonly statements: number
  /** Different statements of which the server kept no whole text, and what it kept does not name the object. */
  readonly unjudged: number
  /** Executions that the server counted in the row with DIGEST NULL, because its table of digests was full. */
  readonly lost: number
  /** Reads of the tables' rows, of an index those by it; of every session, wwdb's own included. */
  readonly reads: number
  readonly writes: number
}

/** A live statement that names the object. */
export interface UsingStatement {
  /** The name of the replica, or `primary`; of a group member that is no named replica its address. */
  readonly server: string
  /** With `?` for each literal. */
  readonly text: string
  readonly digest: string
  /** The schema that was selected. */
  readonly schema: string | null
  /** `all` where it takes every column: by `*`, or by rows without a list of columns. */
  readonly names: 'name' | 'all'
  /** Executions, those of wwdb itself left out. */
  readonly count: number
  readonly firstSeen: string
  readonly lastSeen: string
  /** `user@host` of connections that are open; empty where none that sent it is. */
  readonly users: readonly string[]
}

interface UsingCode {
  readonly type: 'view' | 'procedure' | 'function' | 'trigger' | 'event'
  readonly schema: string
  readonly name: string
}

/** The answer of `uses`. */
export interface UsesResult {
  readonly kind: 'uses'
  readonly database: string
  /** Several of a shard family. */
  readonly tables: readonly string[]
  readonly column: string | null
  readonly index: string | null
  /** Statements that were last seen before are left out. */
  readonly since: string
  readonly servers: readonly AskedServer[]
  /** The latest first, by server. */
  readonly statements: readonly UsingStatement[]
  /** Views, routines, triggers and events that name the object. */
  readonly code: readonly (UsingCode & { readonly names: 'name' | 'all' })[]
  /** Those that the account may not read, or that prepare their statements. */
  readonly unjudgedCode: readonly UsingCode[]
}

export const usesView: View<UsesResult> = {
  render: (answer, page) => [
    ...answer.servers.flatMap((server) => renderServer(server, answer, page)),
    ...answer.code.flatMap(({ type, schema, name, names }) =>
      wrapLine([symbol('bad'), ` ${type} `, toned('strong', `${schema}.${name}`), ...allOf(names)], page.columns, 2),
    ),
    ...answer.unjudgedCode.flatMap(({ type, schema, name }) =>
      wrapLine([symbol('warning'), ` ${type} ${schema}.${name} could not be judged`], page.columns, 2),
    ),
    ...wrapLine(describeEnd(answer), page.columns),
    ...nextLines(
      answer.servers.length > 1 ? [] : ['Name the replicas in `throttle.replicas` to look at them, too.'],
      page,
    ),
  ],
}

function renderServer(server: AskedServer, { statements, index }: UsesResult, page: Page): readonly Line[] {
  const heading: Line = [toned('strong', server.name), toned('faint', ` ${server.server}`)]
  if (server.why !== null) return wrapLine([...heading, toned('bad', ` not looked at: ${server.why}`)], page.columns, 2)
  const own = statements.filter((statement) => statement.server === server.name)
  return [
    ...wrapLine([...heading, toned('faint', `  ${describeServer(server, index)}`)], page.columns, 2),
    ...own.flatMap((statement) => renderStatement(statement, page)),
  ]
}

function describeServer(server: AskedServer, index: string | null): string {
  const what = index === null ? 'the tables' : 'the index'
  return [
    `counted since ${server.countedSince?.slice(0, 16).replace('T', ' ')} UTC`,
    `${groupDigits(server.reads)} reads and ${groupDigits(server.writes)} writes of rows by ${what}`,
    ...(server.unjudged === 0
      ? []
      : [`${countOf(server.unjudged, 'statement')} cut by the server could not be judged`]),
    ...(server.lost === 0
      ? []
      : [`${countOf(server.lost, 'execution')} in the row with DIGEST NULL (\`performance_schema_digests_size\`)`]),
  ].join(', ')
}

const longest = 300

function renderStatement(statement: UsingStatement, page: Page): readonly Line[] {
  const { text, count, lastSeen, users, names } = statement
  const shown = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  const by = users.length === 0 ? '' : `, by ${users.join(', ')}`
  const facts = `${groupDigits(count)}x, last ${lastSeen.slice(0, 19).replace('T', ' ')} UTC${by}`
  return [
    ...wrapLine(['  ', symbol('bad'), ` ${shown}`], page.columns, 4),
    ...wrapLine(['    ', toned('faint', facts), ...allOf(names)], page.columns, 4),
  ]
}

const allOf = (names: 'name' | 'all'): Line => (names === 'all' ? [toned('warning', ', by all columns (`*`)')] : [])

/** What was found, and what was not looked at. */
function describeEnd({ tables, column, index, statements, code, servers, since }: UsesResult): Line {
  const [table = ''] = tables
  const of = tables.length === 1 ? `\`${table}` : `${countOf(tables.length, 'shard')} like \`${table}`
  const name = `${of}${(column ?? index) ? `.${column ?? index}` : ''}\``
  const unseen = servers.filter(({ why }) => why !== null).map((one) => one.name)
  const left = unseen.length === 0 ? '' : ` Not looked at: ${unseen.join(', ')}.`
  const when = `since ${since.slice(0, 16).replace('T', ' ')} UTC`
  if (statements.length + code.length === 0) return [`No statement that could be judged names ${name} ${when}.${left}`]
  const parts = [
    ...(statements.length === 0 ? [] : [countOf(statements.length, 'live statement')]),
    ...(code.length === 0 ? [] : [countOf(code.length, 'stored object')]),
  ]
  const verb = statements.length + code.length === 1 ? 'names' : 'name'
  return [toned('bad', `${parts.join(' and ')} ${verb} ${name}`), ` ${when}.${left}`]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly uses: UsesResult
  }
}
