import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { toolVersion } from '../../core/tool-version.ts'

/** One statement of an upgrade. It is sent again when the earlier run was killed after it. */
export interface UpgradeStatement {
  readonly text: string
  /** Error numbers of the server that mean that there is nothing left to do, e.g. 1060 for an existing column. */
  readonly doneBy?: readonly number[]
}

/** The change from the previous format to the format `to`. */
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
 * The format of the tables in `migrations/mysql/journal-tables.ts`, and of what is written in them. A change of either that an earlier
 * wwdb would misread raises the number and adds a step. Every format keeps the table's name, and the rows of pass 0 with `version`,
 * `name` and `tool_version`, because they identify the format.
 */
export const journalFormat: JournalFormat = { number: 1, steps: [] }

/** A row of pass 0. */
export interface FormatMark {
  readonly value: string
  /** The version of wwdb that wrote it; empty where that is unknown. */
  readonly toolVersion: string
}

/** Journals have recorded their format from the start: where the row is missing, the run that would have written it was killed. */
export function readFormat(value: string | undefined): number {
  return value === undefined ? 1 : Number(value)
}

/** The steps that a journal of this format still needs. */
export function missingSteps(value: string | undefined, format: JournalFormat): readonly UpgradeStep[] {
  const found = readFormat(value)
  return format.steps.filter(({ to }) => to > found)
}

/** What has a format: its name in messages, and what an older wwdb could do with a newer one. */
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
 * A journal of a newer format may contain something that this version would misread, and so run a statement twice or never.
 * Anything but a number is also an unknown format. Throws ToolError `JOURNAL_NEWER`, or `REGISTRY_NEWER` of a registry.
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
