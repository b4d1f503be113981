import { assertNever } from '../../core/tool-error.ts'
import type { PartSnapshot, TableSnapshot } from '../snapshot.ts'
import type { ShapeDifference } from './compare-definitions.ts'
import { compareDefinitions, findPart, longestRun } from './compare-definitions.ts'

/** A difference, and the edit of the template file that removes it. */
export interface DefinitionEdit {
  /** `wanted` is the definition of the file. */
  readonly difference: ShapeDifference
  /** `Add to the template, after the column id:`, followed by the text on its own line; or `Remove ...`, `Move ...`. */
  readonly edit: string
}

/**
 * All differences between the table of a template and another table, each with the edit of the template that removes it. After
 * all edits, made in order, the template creates that table. Pure.
 */
export function writeEdits(template: TableSnapshot, made: TableSnapshot): readonly DefinitionEdit[] {
  return compareDefinitions(template, made).map((difference) => ({
    difference,
    edit: writeEdit(difference, template, made),
  }))
}

function writeEdit(difference: ShapeDifference, template: TableSnapshot, made: TableSnapshot): string {
  const { part, name, change } = difference
  switch (part) {
    case 'order':
      return writeMoves(template, made)
    case 'partitioning':
      return change === 'missing'
        ? 'Remove `PARTITION BY` from the template.'
        : `${verbOf(change)} the template, after the options:\n${made.partitioning}`
    case 'option':
      return change === 'missing'
        ? `Remove the option \`${name}\` from the template.`
        : `${verbOf(change)} the options of the template:\n${printOption(name, made.options[name] ?? '')}`
    case 'column':
      return writePart(difference, made.columns, change === 'extra' ? `, ${placeOf(name, made)}` : '')
    case 'index':
      return writePart(difference, made.indexes, '')
    case 'foreign key':
      return writePart(difference, made.foreignKeys, '')
    case 'check':
      return writePart(difference, made.checks, '')
    case 'trigger':
    case 'vindex':
      throw new Error(`definitions of tables do not contain a ${part}`)
    default:
      return assertNever(part)
  }
}

function verbOf(change: ShapeDifference['change']): string {
  return change === 'extra' ? 'Add to' : 'Write in'
}

function writePart({ part, name, change }: ShapeDifference, made: readonly PartSnapshot[], place: string): string {
  if (change === 'missing') return `Remove the ${part} \`${name}\` from the template.`
  return `${verbOf(change)} the template${place}:\n${findPart(made, name)?.text}`
}

/** The position of a column among the others. */
function placeOf(name: string, { columns }: TableSnapshot): string {
  const before = columns[columns.findIndex((column) => column.name === name) - 1]
  return before === undefined ? 'as the first column' : `after the column \`${before.name}\``
}

/** The smallest set of columns that must be moved. */
function writeMoves(template: TableSnapshot, made: TableSnapshot): string {
  const common = made.columns.filter(({ name }) => findPart(template.columns, name) !== undefined)
  const present = template.columns.filter(({ name }) => findPart(made.columns, name) !== undefined)
  const lower = ({ name }: PartSnapshot): string => name.toLowerCase()
  const staying = new Set(longestRun(present.map(lower), common.map(lower)))
  const moves = common
    .filter((column) => !staying.has(lower(column)))
    .map(({ name }) => `the column \`${name}\`, ${placeOf(name, made)}`)
  return `Move in the template: ${moves.join('; ')}.`
}

/** As SHOW CREATE TABLE prints it. */
function printOption(name: string, value: string): string {
  return `${name === 'CHARSET' ? 'DEFAULT ' : ''}${name}=${value}`
}
