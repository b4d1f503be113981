import * as z from 'zod/mini'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type NormalFormContext, normalizeTable } from '../../ddl/definitions/normal-form.ts'
import type { RecordedObject } from '../../ddl/recorded-schema.ts'
import { fingerprintText, textForm } from '../../ddl/shown-table.ts'
import { fingerprintObject, type RecordedSnapshot } from '../../ddl/snapshot.ts'
import type { Cell, Row } from '../../mysql/connection.ts'

const typeSchema = z.enum([
  ...(['schema', 'table', 'view', 'procedure', 'function', 'trigger', 'event'] as const),
  ...(['keyspace', 'vindex', 'vschema'] as const),
])
const definitionSchema = z.looseObject({ type: typeSchema, name: z.string() })

const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))
const isNull = (cell: Cell | undefined): cell is null | undefined => cell === null || cell === undefined

/** A row of an object: kind, name, fingerprint, form, definition. All readers of a record get its definitions from here, whatever version wrote them. */
export function toRecordedObject(row: Row, target: Target, context: NormalFormContext): RecordedObject {
  const [kind, name, fingerprint, form, definition] = row
  const object = {
    type: typeSchema.parse(text(kind)),
    name: text(name),
    fingerprint: isNull(fingerprint) ? null : text(fingerprint),
    form: Number(form),
  }
  return {
    ...object,
    definition: () => (isNull(definition) ? null : readDefinition(text(definition), object, target, context)),
  }
}

/** A row that is not one of wwdb's definitions was written by other means. Throws ToolError `RECORDS_DIFFER`. */
function readDefinition(
  written: string,
  object: Omit<RecordedObject, 'definition'>,
  { database, server }: Target,
  context: NormalFormContext,
): RecordedSnapshot {
  try {
    return object.form === textForm ? readText(written, object, context) : readNormalForm(written)
  } catch {
    const of = object.type === 'schema' ? 'the schema itself' : `the ${object.type} \`${object.name}\``
    throw new ToolError('RECORDS_DIFFER', {
      what: `The record of the schema of \`${database}\` is damaged: \`wwdb_schema\` has no definition of ${of} that wwdb wrote.`,
      where: { database, server },
      why: 'Changes made by hand since the last run could not be distinguished from changes made by migrations.',
      next: `Restore \`wwdb_schema\` from a backup, or compare with \`wwdb drift --replay --target ${database}\` and record the schema as it is with \`wwdb repair --rebuild-record --target ${database}\`.`,
    })
  }
}

/** The text of a table, as the server showed it. */
function readText(
  written: string,
  { name, fingerprint }: Omit<RecordedObject, 'definition'>,
  context: NormalFormContext,
): RecordedSnapshot {
  if (fingerprintText(written) !== fingerprint) throw new Error(`the text of ${name} is not the one that was recorded`)
  return normalizeTable(name, written, context)
}

/** JSON: everything but tables, tables that their text alone does not define, and records of an earlier wwdb. */
function readNormalForm(written: string): RecordedSnapshot {
  const definition = definitionSchema.parse(JSON.parse(written)) as unknown as RecordedSnapshot
  // It has every part that is compared.
  fingerprintObject(definition)
  return definition
}
