import { compareDefiners } from './compare-snapshots.ts'
import type { RecordedObject } from './recorded-schema.ts'
import { fingerprintText, textForm, textOfTable } from './shown-table.ts'
import { fingerprintObject, normalForm, type RecordedSnapshot } from './snapshot.ts'

/** An object that was recorded in another normal form, or was not read, is not compared. */
export const isComparable = ({ form }: RecordedObject): boolean => form === normalForm || form === textForm

/** The definer of code and the collation of its literals are not part of its fingerprint, but they are recorded. */
export function isAsRecorded(record: RecordedObject, found: RecordedSnapshot): boolean {
  if (record.form === textForm) return isShownAsRecorded(record, found)
  if (record.fingerprint !== fingerprintObject(found)) return false
  return !('definer' in found) || compareDefiners(record.definition(), found).length === 0
}

/** Another server may print the same table in another way: then both are compared in normal form. */
function isShownAsRecorded(record: RecordedObject, found: RecordedSnapshot): boolean {
  const text = textOfTable(found)
  if (text !== null && fingerprintText(text) === record.fingerprint) return true
  const was = record.definition()
  return was !== null && fingerprintObject(was) === fingerprintObject(found)
}
