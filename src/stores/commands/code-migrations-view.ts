import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { CodeHistoryEntry } from '../migrations/ports.ts'
import type { CodeDatabaseStatus, CodeMigrationStatus } from '../migrations/read-status.ts'

/** The answer of `setup migrations`. */
export interface CodeMigrationsResult {
  readonly kind: 'code-migrations'
  readonly databases: readonly CodeDatabaseStatus[]
}

export const codeMigrationsView: View<CodeMigrationsResult> = {
  render: ({ databases }, page) => {
    const pending = databases.some(({ migrations }) => migrations.some(({ state }) => state === 'pending'))
    return [
      ...databases.flatMap((database) => renderDatabase(database, page)),
      ...nextLines(pending ? ['`wwdb setup migrate` applies what is pending.'] : [], page),
    ]
  },
}

const signs = { applied: 'good', pending: 'idle', open: 'warning', changed: 'bad', 'file-missing': 'warning' } as const

function renderDatabase({ database, migrations, unknown, history }: CodeDatabaseStatus, page: Page): readonly Line[] {
  const applied = migrations.filter(({ state }) => state !== 'pending' && state !== 'open').length
  const wrong = migrations.some(({ state }) => state === 'changed') || unknown.length > 0
  const counted = `${countOf(applied, 'migration')} applied, ${migrations.length - applied} to run`
  return [
    ...wrapLine(
      [symbol(wrong ? 'bad' : 'good'), ' mongodb ', toned('strong', database), `: ${counted}`],
      page.columns,
      4,
    ),
    ...migrations.flatMap((migration) =>
      wrapLine(
        [
          '    ',
          symbol(signs[migration.state]),
          ` ${migration.version}_${migration.name}`,
          toned('faint', `: ${describe(migration)}`),
        ],
        page.columns,
        6,
      ),
    ),
    ...(unknown.length === 0
      ? []
      : paragraph(
          ['    ', symbol('warning'), ' '],
          `migrate-mongo has applied ${unknown.join(', ')}: \`wwdb setup migrate --adopt\` records that.`,
          6,
          page,
        )),
    ...(history ?? []).flatMap((entry) => wrapLine([toned('faint', `    ${describeEntry(entry)}`)], page.columns, 6)),
  ]
}

function describe({ state, at, by, begun }: CodeMigrationStatus): string {
  const when = `${at ?? ''} by ${by ?? ''}`
  switch (state) {
    case 'applied':
      return `applied ${when}`
    case 'pending':
      return 'pending'
    case 'open': {
      const verb = begun?.direction === 'down' ? 'rollback' : 'migrate'
      return `begun ${when}, behind ${countOf(begun?.documents ?? 0, 'document')}: \`wwdb setup ${verb}\` continues it`
    }
    case 'changed':
      return `applied ${when}, and its file was changed since`
    default:
      return `applied ${when}, and its file is missing`
  }
}

function describeEntry({
  at,
  version,
  name,
  direction,
  manner,
  milliseconds,
  documents,
  by,
}: CodeHistoryEntry): string {
  const walked = manner === 'batches' ? `, ${countOf(documents, 'document')}` : ''
  const took = manner === 'adopted' ? 'adopted from migrate-mongo' : `${direction}, ${formatDuration(milliseconds)}`
  return `${at} ${version}_${name}: ${took}${walked}, by ${by}`
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'code-migrations': CodeMigrationsResult
  }
}
