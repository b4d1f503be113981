import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { toolVersion } from '../../core/tool-version.ts'

/** One statement of an upgrade. It is sent again when the run before was killed behind it. */
export interface UpgradeStatement {
  readonly text: string
  /** Numbers of the server's errors that say that there is nothing left to do, e.g. 1060 for a column that is there already. */
  readonly doneBy?: readonly number[]
}

/** What makes a journal of the format before it one of format `to`. */
export interface UpgradeStep {
  readonly to: number
  readonly statements: readonly UpgradeStatement[]
}

/** The format that a version of wwdb writes, and the steps that lead to it from format 1, in order. */
export interface JournalFormat {
  readonly number: number
  readonly steps: readonly UpgradeStep[]
}

/**
 * The format of the tables in `migrations/mysql/journal-tables.ts`, and of what is written in them. Who changes either in a way that an
 * earlier wwdb would misread raises the number and adds a step. What every format keeps: the table's name, and the rows of pass 0
 * with `version`, `name` and `tool_version`, because they identify the format.
 */
export const journalFormat: JournalFormat = { number: 1, steps: [] }

/** A row of pass 0. */
export interface FormatMark {
  readonly value: string
  /** The version of wwdb that wrote it; empty where that is not known. */
  readonly toolVersion: string
}

/** Journals have named their format since the first one: where the row is missing, the run that was to write it was killed. */
export function readFormat(value: string | undefined): number {
  return value === undefined ? 1 : Number(value)
}

/** The steps that a journal of this format still needs. */
export function missingSteps(value: string | undefined, format: JournalFormat): readonly UpgradeStep[] {
  const found = readFormat(value)
  return format.steps.filter(({ to }) => to > found)
}

/** What has a format: its name for people, and what an older wwdb could make of a newer one. */
export interface Formatted {
  readonly code: 'JOURNAL_NEWER' | 'REGISTRY_NEWER'
  readonly subject: string
  readonly danger: string
}

const journal: Formatted = {
  code: 'JOURNAL_NEWER',
  subject: 'The journal',
  danger: 'this version could misread what ran, and run it again.',
}

/**
 * A journal of a newer format may hold what this version would misread, and so run a statement twice or never. What is no number is
 * a format that is not known, either. Throws ToolError `JOURNAL_NEWER`, or `REGISTRY_NEWER` of a registry.
 */
export function refuseNewerFormat(
  mark: FormatMark | undefined,
  target: Pick<Target, 'database' | 'server'>,
  format: Pick<JournalFormat, 'number'> = journalFormat,
  { code, subject, danger }: Formatted = journal,
): void {
  const found = readFormat(mark?.value)
  if (Number.isInteger(found) && found >= 1 && found <= format.number) return
  if (!Number.isInteger(found) || found < 1 || mark?.toolVersion === toolVersion)
    throw new ToolError(code, {
      what: `${subject} of \`${target.database}\` has format \`${mark?.value}\`, which no version of wwdb up to this one writes.`,
      where: { database: target.database, server: target.server },
      why: `That row was not written by wwdb${mark?.toolVersion === toolVersion ? `: it names ${toolVersion}, which is this version` : ''}.`,
      next: 'Restore that row from a backup. Nothing was changed.',
    })
  const writer = mark?.toolVersion === undefined || mark.toolVersion === '' ? '' : ` ${mark.toolVersion}`
  throw new ToolError(code, {
    what: `${subject} of \`${target.database}\` has format ${mark?.value}, but this wwdb reads formats only up to ${format.number}.`,
    where: { database: target.database, server: target.server },
    why: `A newer wwdb${writer} wrote it: ${danger}`,
    next: `Use a newer wwdb${writer === '' ? '' : `, version${writer} or later`}. Nothing was changed.`,
  })
}
