import type { Target } from '../../core/target.ts'
import { type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, lineWidth, type Span, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'

/** What `db create|drop|ping|wait` found or did. */
export interface DatabaseOutcome {
  readonly target: Target
  readonly state: 'created' | 'exists' | 'dropped' | 'absent' | 'reachable' | 'unreachable'
  readonly detail: string | null
}

/** The answer of `db create`, `db drop`, `db ping` and `db wait`. */
export interface DatabasesResult {
  readonly kind: 'databases'
  readonly command: string
  readonly databases: readonly DatabaseOutcome[]
}

export const databasesView: View<DatabasesResult> = {
  render: renderDatabases,
}

type Database = DatabasesResult['databases'][number]

/** The results of `db create|drop|wait|ping`, one line a database. */
function renderDatabases(result: DatabasesResult, page: Page): readonly Line[] {
  const rows = alignTable(result.databases.map(row), { columns: page.columns, indent: 0, flexible: [3] })
  return rows.flatMap((line, index) => addDetail(line, result.databases[index]?.detail ?? null, page))
}

/** The detail stands beside the row where there is room, else under it: a server's answer is worth reading in full. */
function addDetail(line: Line, detail: string | null, page: Page): readonly Line[] {
  if (detail === null) return [line]
  const beside: Line = [...line, `  ${detail}`]
  return lineWidth(beside) <= page.columns ? [beside] : [line, ...wrapLine([`    ${detail}`], page.columns, 4)]
}

function row(database: Database): readonly Line[] {
  const { target, state } = database
  const schema: Line = target.schema === target.database ? [] : [`in ${target.schema}`]
  return [
    [signOf(state), ' ', toned('strong', target.database)],
    [state === 'unreachable' ? toned('bad', state) : state],
    schema,
    [toned('faint', `at ${target.server}`)],
  ]
}

function signOf(state: Database['state']): Span {
  if (state === 'unreachable') return symbol('bad')
  return state === 'exists' || state === 'absent' ? symbol('idle') : symbol('good')
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly databases: DatabasesResult
  }
}
