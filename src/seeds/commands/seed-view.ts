import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { assertNever } from '../../core/tool-error.ts'
import { nextLines, type Page, symbol, symbols } from '../../terminal/human/page.ts'
import { type Line, type Span, toned, whole } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { adviseOnFailures, annotateFailures, faultsOf, type View } from '../../terminal/view.ts'
import type { SeedChange, SeedMatrixDocument, SeedOutcome, SeedRowChange, SeedScriptRun } from '../seed.ts'

/** The answer of `seed`, `seed plan` and `seed admin`. */
export interface SeedResult {
  readonly kind: 'seed'
  readonly command: string
  readonly outcomes: readonly SeedOutcome[]
  readonly milliseconds: number
  /** True where there was nothing to write. */
  readonly dryRun: boolean
}

/** The answer of `seed matrix`. */
export interface SeedMatrixResult {
  readonly kind: 'seed-matrix'
  /** The format for people. */
  readonly layout: 'table' | 'markdown'
  readonly matrices: readonly SeedMatrixDocument[]
}

export const seedView: View<SeedResult> = {
  render: renderSeed,
  faults: ({ outcomes }) => faultsOf(outcomes),
  succeeded: seededWell,
  annotations: ({ outcomes }) => annotateFailures(outcomes),
}

export const seedMatrixView: View<SeedMatrixResult> = {
  render: renderSeedMatrix,
}

/** More rows of a kind than this are counted, unless --verbose shows all. */
const mostRows = 20

/** What seeding did to each database, or would do: every row that differs from the files, and the totals. */
function renderSeed(result: SeedResult, page: Page): readonly Line[] {
  const { outcomes, milliseconds } = result
  if (outcomes.length === 0) return wrapLine(['There are no seeds: no database has files in its folder.'], page.columns)
  const total = `${countOf(outcomes.length, 'database')}, ${formatDuration(milliseconds)}.`
  return [
    ...outcomes.flatMap((outcome) => renderOutcome(outcome, result, page)),
    ...wrapLine([result.dryRun ? `${total} Nothing was written.` : total], page.columns),
    ...nextLines(adviseNext(result), page),
  ]
}

/** True where more detail is not needed. */
function seededWell({ outcomes }: SeedResult): boolean {
  const calm = new Set<SeedOutcome['state']>(['done', 'nothing-to-do', 'planned'])
  return outcomes.every(
    ({ state, rows }) => calm.has(state) && rows.every(({ action }) => action !== 'keep' && action !== 'leave'),
  )
}

function renderOutcome(outcome: SeedOutcome, { dryRun }: SeedResult, page: Page): readonly Line[] {
  const lead: Line = [signOf(outcome), ' ', toned('strong', outcome.target.database), ' ']
  const detailed = dryRun || page.verbose
  const shown = outcome.rows.filter(({ action }) => detailed || action === 'keep' || action === 'leave')
  const rows = page.verbose ? shown : shown.slice(0, mostRows)
  const more = shown.length - rows.length
  return [
    ...wrapLine([...lead, ...describeOutcome(outcome)], page.columns, 2),
    ...rows.flatMap((row) => renderRow(row, page)),
    ...(more > 0 ? [[toned('faint', `    and ${countOf(more, 'more row')}; --verbose shows all`)]] : []),
    ...outcome.scripts.filter(({ state }) => state !== 'same').flatMap((script) => renderScript(script, page)),
    ...outcome.dependents.flatMap(({ table, rows: count, effect, constraint }) =>
      wrapLine(
        [
          '      ',
          symbol('warning'),
          ` ${countOf(count, 'row')} of ${table} `,
          effects[effect],
          toned('faint', ` (${constraint})`),
        ],
        page.columns,
        8,
      ),
    ),
  ]
}

function renderScript({ file, state, onSomeShards }: SeedScriptRun, page: Page): readonly Line[] {
  const warning =
    onSomeShards === undefined
      ? []
      : wrapLine(['      ', symbol('warning'), ` ${cutOff[onSomeShards]}`], page.columns, 8)
  return [...wrapLine(['    ', toned('active', 'run'), ` ${file} (${state})`], page.columns, 6), ...warning]
}

const cutOff = {
  'this-text': 'An earlier run ended while shards committed it: some may have it, and it runs again on all of them.',
  'former-text':
    'An earlier run ended while shards committed a former text of it: some may have what that did, and this one does not take it back.',
} as const

const effects = {
  delete: 'would be deleted with them',
  'set-null': 'would lose their reference',
  refuse: 'reference them, and prevent it',
} as const

function signOf({ state, rows }: SeedOutcome): Span {
  switch (state) {
    case 'done':
      return symbol('good')
    case 'nothing-to-do':
      return symbol(rows.length > 0 ? 'warning' : 'idle')
    case 'planned':
      return symbol('idle')
    case 'failed':
    case 'not-reached':
      return symbol('bad')
    case 'stopped':
    case 'not-started':
      return symbol('warning')
    default:
      return assertNever(state)
  }
}

const done = {
  insert: 'inserted',
  update: 'updated',
  adopt: 'adopted',
  delete: 'deleted',
  keep: 'changed by hand and kept',
  leave: 'no longer in the files',
} as const

const planned = { ...done, insert: 'to insert', update: 'to update', adopt: 'to adopt', delete: 'to delete' } as const

function describeOutcome(outcome: SeedOutcome): Line {
  const { state, rows, unchanged, milliseconds } = outcome
  const words = state === 'done' ? done : planned
  const counts = Object.entries(words).flatMap(([action, word]) => {
    const count = rows.filter((row) => row.action === action).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  const scripts = outcome.scripts.filter((script) => script.state !== 'same').length
  if (scripts > 0) counts.push(`${countOf(scripts, 'script')} ${state === 'done' ? 'run' : 'to run'}`)
  const list = [...counts, `${unchanged} up to date`].join(', ')
  switch (state) {
    case 'done':
      return [`${list} `, whole('faint', `(${formatDuration(milliseconds)})`)]
    case 'nothing-to-do':
      return [`nothing to do: ${list}`]
    case 'planned':
      return [list]
    case 'failed':
      return [toned('bad', 'failed'), ', rolled back']
    case 'stopped':
      return [toned('warning', 'stopped'), ', rolled back']
    case 'not-started':
      return [toned('warning', 'not started')]
    case 'not-reached':
      return [toned('bad', 'not reached'), ` at ${outcome.target.server}`]
    default:
      return assertNever(state)
  }
}

const tones = {
  insert: 'good',
  update: 'active',
  keep: 'warning',
  adopt: 'faint',
  delete: 'bad',
  leave: 'warning',
} as const

/** `update roles operator`, and a line for each column. */
function renderRow(row: SeedRowChange, page: Page): readonly Line[] {
  const key = Object.values(row.key).join(' ')
  const place = row.line === null ? row.file : `${row.file}:${row.line}`
  const lead: Line = ['    ', toned(tones[row.action], row.action), ' ', toned('strong', row.table), ` ${key} `]
  const changes = row.action === 'insert' && !page.verbose ? [] : row.changes
  return [
    ...wrapLine([...lead, toned('faint', place)], page.columns, 6),
    ...changes.flatMap((change) => wrapLine(['      ', ...describeChange(change)], page.columns, 8)),
  ]
}

function describeChange({ column, before, after, byHand, kept }: SeedChange): Line {
  const remark = kept ? ' (changed by hand, kept)' : byHand ? ' (changed by hand)' : ''
  return [`${column}: ${showText(before)} -> ${showText(after)}`, toned('warning', remark)]
}

function showText(text: string | null): string {
  if (text === null) return 'NULL'
  const line = text.replace(/\s+/g, ' ')
  return line.length > 60 ? `"${line.slice(0, 59)}…"` : `"${line}"`
}

function adviseNext({ outcomes, dryRun }: SeedResult): readonly string[] {
  const advice: string[] = [...adviseOnFailures(outcomes, 'run `wwdb seed` again: what failed was rolled back.')]
  if (outcomes.some(({ state }) => state === 'not-reached'))
    advice.push('Make the unreachable servers reachable, then run the command again.')
  if (dryRun && outcomes.some(({ state }) => state === 'planned')) advice.push('`wwdb seed` applies this.')
  if (outcomes.some(({ rows }) => rows.some(({ action }) => action === 'leave')))
    advice.push('`wwdb seed --prune` removes the rows that are no longer in the files, after a question.')
  return advice
}

type MatrixLine = SeedMatrixDocument['lines'][number]

/** Who may do what: a table on the screen, or Markdown for a document. */
function renderSeedMatrix({ layout, matrices }: SeedMatrixResult, page: Page): readonly Line[] {
  if (matrices.length === 0) return wrapLine(['No seed file has a matrix.'], page.columns)
  const render = layout === 'markdown' ? renderMarkdown : renderTable
  return matrices.flatMap((matrix, index) => [...(index === 0 ? [] : [[]]), ...render(matrix, page)])
}

/** Lines under the heading of their group, in the order of the file. */
function groupLines({ lines }: SeedMatrixDocument): ReadonlyMap<string | null, readonly MatrixLine[]> {
  const groups = new Map<string | null, MatrixLine[]>()
  for (const line of lines) groups.set(line.group, [...(groups.get(line.group) ?? []), line])
  return groups
}

function renderTable(matrix: SeedMatrixDocument, page: Page): readonly Line[] {
  const heads = matrix.columns.map(({ name, label }): Line => [toned('strong', label ?? name)])
  const rows = [...groupLines(matrix)].flatMap(([group, lines]) => [
    ...(group === null ? [] : [[[toned('strong', group)]]]),
    ...lines.map(({ name, label, marks }) => [
      [label ?? ''],
      [name],
      ...marks.map((marked): Line => [marked ? toned('good', symbols.good) : toned('faint', symbols.idle)]),
    ]),
  ])
  const title: Line = [toned('strong', `${matrix.database}.${matrix.table}`), toned('faint', ` ${matrix.file}`)]
  return [
    ...wrapLine(title, page.columns, 2),
    ...alignTable([[[], [], ...heads], ...rows], { columns: page.columns, indent: 2, droppable: [1], flexible: [0] }),
  ]
}

/** Markdown is not cut to the terminal's width: it is for a file. */
function renderMarkdown(matrix: SeedMatrixDocument): readonly Line[] {
  const escapeBars = (text: string): string => text.replaceAll('|', '\\|')
  const row = (cells: readonly string[]): Line => [`| ${cells.map(escapeBars).join(' | ')} |`]
  const heads = matrix.columns.map(({ name, label }) => (label === null ? name : `${label} (${name})`))
  return [
    [`# ${matrix.database}.${matrix.table}`],
    [],
    row([matrix.down, '', ...heads]),
    [`| --- | --- |${heads.map(() => ' :-: |').join('')}`],
    ...[...groupLines(matrix)].flatMap(([group, lines]) => [
      ...(group === null ? [] : [row([`**${group}**`, '', ...heads.map(() => '')])]),
      ...lines.map(({ name, label, marks }) => row([name, label ?? '', ...marks.map((marked) => (marked ? 'x' : ''))])),
    ]),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly seed: SeedResult
    readonly 'seed-matrix': SeedMatrixResult
  }
}
