import { countOf } from '../../core/plural.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { AdoptedMigration, EditedFile } from '../adopt/plan-adoption.ts'
import type { SchemaDiff } from '../diff.ts'
import { renderDatabase } from './schema-diff-view.ts'

/**
 * What `wwdb adopt` did or would do.
 * - `planned`   nothing was written, because of `--dry-run`; `undo-planned` the same for `--undo`
 * - `differs`   nothing was written, because the files do not create what exists
 * - `adopted`   files and journal are written
 * - `present`   they existed already
 * - `undone`    they were removed again
 */
export interface AdoptionResult {
  readonly kind: 'adoption'
  readonly tool: string
  readonly database: string
  readonly state: 'planned' | 'undo-planned' | 'differs' | 'adopted' | 'present' | 'undone'
  readonly migrations: readonly AdoptedMigration[]
  /** Names in the history of a tool whose migrations are code, in order; empty for tools whose migrations are SQL. */
  readonly history: readonly string[]
  /** Files that were changed after the other tool ran them. */
  readonly edited: readonly EditedFile[]
  /** How the result of the applied files differs from the database; null where they are the same. */
  readonly diff: SchemaDiff | null
  readonly notes: readonly string[]
}

export const adoptionView: View<AdoptionResult> = { render: renderAdoption }

/** Each file with its origin, what differs, and what was done. */
function renderAdoption(adoption: AdoptionResult, page: Page): readonly Line[] {
  const { migrations, history, edited, diff, notes } = adoption
  return [
    ...migrations.flatMap(({ file, from, state }) =>
      wrapLine(
        [
          '  ',
          state === 'pending' ? symbol('idle') : symbol('good'),
          ` ${file}`,
          toned('faint', from === null ? ' made from the database' : ` from ${from}`),
          state === 'pending' ? ', pending' : '',
        ],
        page.columns,
        4,
      ),
    ),
    ...(history.length === 0
      ? []
      : wrapLine([`  The journal keeps ${countOf(history.length, 'name')}: ${shorten(history)}.`], page.columns, 4)),
    ...edited.flatMap(({ file, why }) =>
      wrapLine(['  ', symbol('bad'), ` \`${file}\` was edited after it ran: ${why}.`], page.columns, 4),
    ),
    ...(diff === null ? [] : renderDatabase(diff, page)),
    ...notes.flatMap((note) => wrapLine(['  ', symbol('warning'), ` ${note}`], page.columns, 4)),
    ...wrapLine([summarize(adoption)], page.columns),
    ...nextLines(advise(adoption), page),
  ]
}

function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}

function summarize({ state, tool, database, migrations, diff, edited }: AdoptionResult): string {
  const pending = migrations.filter((one) => one.state === 'pending').length
  const applied = migrations.length - pending
  const counts = `${countOf(applied, 'applied migration')} and ${pending} pending`
  switch (state) {
    case 'planned':
      return `\`${database}\` would take over ${counts} from ${tool}. Nothing was written.`
    case 'differs':
      return `${countOf((diff?.differences.length ?? 0) + edited.length, 'difference')} between the files of ${tool} and \`${database}\`. Nothing was written.`
    case 'adopted':
      return `\`${database}\` took over ${counts} from ${tool}.`
    case 'present':
      return `\`${database}\` had already taken over ${counts} from ${tool}.`
    case 'undo-planned':
      return `The adoption from ${tool} into \`${database}\` would be undone. Nothing was written.`
    case 'undone':
      return `The adoption from ${tool} into \`${database}\` was undone.`
  }
}

function advise({ state, database }: AdoptionResult): readonly string[] {
  switch (state) {
    case 'planned':
    case 'undo-planned':
      return ['Run the command without `--dry-run`.']
    case 'differs':
      return ['Fix the database or the files, or accept the difference: `--accept-drift`.']
    case 'adopted':
      return [`See \`wwdb status --target ${database}\`; \`wwdb adopt --undo\` undoes the adoption.`]
    case 'present':
    case 'undone':
      return []
  }
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly adoption: AdoptionResult
  }
}
