import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { CodeDatabaseRun, CodeRunStep } from '../migrations/run-migrations.ts'

/** The answer of `setup migrate` and `setup rollback`. */
export interface CodeMigrationRunResult {
  readonly kind: 'code-migration-run'
  readonly command: 'setup migrate' | 'setup rollback'
  /** True where nothing was written. */
  readonly dryRun: boolean
  readonly databases: readonly CodeDatabaseRun[]
  readonly milliseconds: number
}

export const codeMigrationRunView: View<CodeMigrationRunResult> = {
  render: renderRun,
}

const indent = 4

function renderRun(result: CodeMigrationRunResult, page: Page): readonly Line[] {
  const { databases, dryRun, command } = result
  const some = databases.some(({ steps }) => steps.length > 0)
  const bad = databases.some(({ fault }) => fault !== null)
  const next =
    dryRun && some
      ? [`\`wwdb ${command}\` does this.`]
      : bad
        ? [`\`wwdb ${command}\` again after fixing what failed: it continues there.`]
        : []
  return [
    ...databases.flatMap((run) => renderDatabase(run, result, page)),
    ...(dryRun ? wrapLine(['Nothing was written.'], page.columns) : []),
    ...nextLines(next, page),
  ]
}

function renderDatabase(run: CodeDatabaseRun, { dryRun }: CodeMigrationRunResult, page: Page): readonly Line[] {
  const { database, steps, fault, applied } = run
  const sign = fault !== null ? symbol('bad') : steps.length === 0 ? symbol('idle') : symbol('good')
  const done = steps.filter(({ state }) => state === 'done').length
  const state =
    steps.length === 0 && fault === null
      ? `nothing to do, ${countOf(applied, 'migration')} applied`
      : dryRun
        ? `${countOf(steps.length, 'migration')} to run, ${applied} applied`
        : `${done} of ${countOf(steps.length, 'migration')} done`
  return [
    ...wrapLine([sign, ' mongodb ', toned('strong', database), `: ${state}`], page.columns, indent),
    ...steps.flatMap((step) => renderStep(step, page)),
    ...(fault === null ? [] : renderFault(fault, page)),
  ]
}

const signs: Readonly<Record<CodeRunStep['direction'], string>> = { up: '+', down: '-', adopt: '=' }

function renderStep(step: CodeRunStep, page: Page): readonly Line[] {
  const { version, name, direction, state, milliseconds } = step
  const mark: Span = state === 'planned' ? signs[direction] : symbol(marks[state])
  const took = milliseconds === null ? '' : ` (${formatDuration(milliseconds)})`
  return wrapLine(
    ['    ', mark, ` ${version}_${name}`, toned('faint', `: ${describe(step)}${took}`)],
    page.columns,
    indent + 2,
  )
}

const marks = { done: 'good', failed: 'bad', stopped: 'warning', 'not-started': 'idle' } as const

function describe({ direction, manner, collections, continued, state }: CodeRunStep): string {
  if (direction === 'adopt') return 'recorded as applied, as migrate-mongo has run it'
  const ended = state === 'planned' || state === 'done' ? '' : `${state.replace('-', ' ')}; `
  const from = continued === null ? '' : `, continued behind ${countOf(continued, 'document')}`
  switch (manner) {
    case 'batches':
      return `${ended}in batches by \`_id\` of ${collections.join(', ')}, each with its place in one transaction${from}`
    case 'outside':
      return `${ended}outside a transaction: a run that is interrupted begins again, so the code must be idempotent`
    default:
      return `${ended}one transaction with its record`
  }
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'code-migration-run': CodeMigrationRunResult
  }
}
