import { countOf } from '../../core/plural.ts'
import type { Target, UnreachedTarget } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { joinSentences, nextLines, type Page, paragraph, symbol, symbols } from '../../terminal/human/page.ts'
import { type Line, lineWidth, type Tone, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'

/** The counts of one database in one environment. */
export interface DatabaseSummary {
  readonly target: Target
  readonly serverVersion: string | null
  /** False while the schema does not exist yet. */
  readonly schemaExists: boolean
  readonly applied: number
  /** The last version that is applied; null before the first. */
  readonly last: string | null
  /** Migrations that `migrate` would apply if there were no findings. */
  readonly pending: number
  /** Those that a run is carrying out now. */
  readonly running: number
  /** Objects that differ from what wwdb left; absent where nothing is recorded. */
  readonly drift?: number
  /** What makes `migrate` refuse to run. */
  readonly findings: readonly Fault[]
}

/** One environment of the configuration. */
export interface EnvironmentStatus {
  readonly name: string
  readonly databases: readonly DatabaseSummary[]
  readonly unreached: readonly UnreachedTarget[]
  /** Why nothing is known about it: its configuration is wrong, or none of its servers was reached; null where something is. */
  readonly fault: Fault | null
}

/** The answer of `status --all-environments`, in the order of the configuration. */
export interface EnvironmentsResult {
  readonly kind: 'environments'
  readonly environments: readonly EnvironmentStatus[]
}

export const environmentsView: View<EnvironmentsResult> = {
  render: renderEnvironments,
}

const indent = 2
const gap = 2

/** Databases as rows, environments as columns, split into several tables if necessary. Then what was not reached, and what to do. */
function renderEnvironments({ environments }: EnvironmentsResult, page: Page): readonly Line[] {
  const names = [...new Set(environments.flatMap(databasesOf))].toSorted()
  const columns = environments.map((environment) => [
    [toned('strong', environment.name)] as Line,
    ...names.map((name) => describeCell(environment, name)),
  ])
  const first: readonly Line[] = [[], ...names.map((name): Line => [toned('strong', name)])]
  const tables = groupColumns(columns, widest(first), page.columns).map((group) =>
    alignTable(
      first.map((cell, row) => [cell, ...group.map((column) => column[row] ?? [])]),
      { columns: page.columns, indent, flexible: [0, ...group.map((_, index) => index + 1)] },
    ),
  )
  return [
    ...tables.flatMap((table) => [...table, []]),
    ...environments.flatMap((environment) => renderLacking(environment, page)),
    ...wrapLine(
      [`${countOf(environments.length, 'environment')}, ${countOf(names.length, 'database')}.`],
      page.columns,
    ),
    ...nextLines(adviseNext(environments), page),
  ]
}

function databasesOf({ databases, unreached }: EnvironmentStatus): readonly string[] {
  return [...databases, ...unreached].map(({ target }) => target.database)
}

function describeCell({ databases, unreached, fault }: EnvironmentStatus, name: string): Line {
  const lacks = fault !== null || unreached.some(({ target }) => target.database === name)
  if (lacks) return [toned('bad', `${symbols.bad} not reached`)]
  const found = databases.find(({ target }) => target.database === name)
  if (found === undefined) return [toned('faint', '-')]
  const { schemaExists, pending, running, drift = 0, findings } = found
  const facts = [
    ...(schemaExists ? [] : ['no schema']),
    ...(running === 0 ? [] : [`${running} running`]),
    ...(pending === 0 ? [] : [`${pending} pending`]),
    ...(findings.length === 0 ? [] : [countOf(findings.length, 'finding')]),
    ...(drift === 0 ? [] : [`${drift} changed`]),
  ]
  if (facts.length === 0) return [toned('good', `${symbols.good} current`)]
  const tone: Tone = findings.length > 0 ? 'bad' : schemaExists && drift === 0 ? 'active' : 'warning'
  const sign = findings.length > 0 ? symbols.bad : tone === 'active' ? symbols.idle : symbols.warning
  return [toned(tone, `${sign} ${facts.join(', ')}`)]
}

const widest = (cells: readonly Line[]): number => Math.max(0, ...cells.map(lineWidth))

/** The columns that fit in one table; at least one. */
function groupColumns<Column extends readonly Line[]>(
  columns: readonly Column[],
  first: number,
  available: number,
): readonly (readonly Column[])[] {
  const groups: Column[][] = []
  let width = 0
  for (const column of columns) {
    const own = gap + widest(column)
    const group = groups.at(-1)
    if (group === undefined || width + own > available) {
      groups.push([column])
      width = indent + first + own
    } else {
      group.push(column)
      width += own
    }
  }
  return groups
}

function renderLacking({ name, unreached, fault }: EnvironmentStatus, page: Page): readonly Line[] {
  if (fault === null && unreached.length === 0) return []
  const heading: Line = [symbol('bad'), ' ', toned('strong', name), ': ', toned('bad', 'not reached'), '.']
  if (fault === null)
    return [...wrapLine(['In ', toned('strong', name), ':'], page.columns), ...renderUnreached(unreached, page), []]
  return [
    ...wrapLine(heading, page.columns, 2),
    ...paragraph(['  Why:  '], joinSentences(fault), 8, page),
    ...(fault.next === undefined ? [] : paragraph(['  ', toned('strong', 'Next: ')], fault.next, 8, page)),
    [],
  ]
}

function adviseNext(environments: readonly EnvironmentStatus[]): readonly string[] {
  const open = environments.filter(({ databases }) =>
    databases.some(({ pending, running, findings, drift = 0 }) => pending + running + findings.length + drift > 0),
  )
  const [one] = open
  return one === undefined ? [] : [`\`wwdb status --env ${one.name}\` shows each migration.`]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly environments: EnvironmentsResult
  }
}
