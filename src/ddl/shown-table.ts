import { hash } from 'node:crypto'
import { type NormalFormContext, normalizeTable } from './definitions/normal-form.ts'
import type { RecordedSnapshot, TableSnapshot } from './snapshot.ts'

/**
 * The number of the form of recorded tables whose definition is the text of SHOW CREATE TABLE, and whose fingerprint is that of the text. No normal form has
 * this number.
 */
export const textForm = 2

/** The texts of tables that a server has shown. A table that is made from another one has none. */
const texts = new WeakMap<RecordedSnapshot, string>()

/** AUTO_INCREMENT changes with every INSERT. It is printed before the first option that is a string. */
const counter = /(\n\)[^\n']*?) AUTO_INCREMENT=\d+/

/** The schema in a reference to a table of another one depends on the configuration. */
const foreignParent = / REFERENCES `(?:[^`]|``)+`\.`/

/**
 * A table as its server shows it, brought into normal form only when a part of it is needed: a run that records its tables, or finds their texts as recorded, needs none.
 * Its parts throw an Error for a text that is not the definition of a table.
 */
export function showTable(name: string, shown: string, context: NormalFormContext): TableSnapshot {
  const text = shown.replace(counter, '$1')
  let normal: TableSnapshot | null = null
  const read = (): TableSnapshot => {
    normal ??= normalizeTable(name, text, context)
    return normal
  }
  const table: TableSnapshot = {
    type: 'table',
    name,
    get columns() {
      return read().columns
    },
    get indexes() {
      return read().indexes
    },
    get foreignKeys() {
      return read().foreignKeys
    },
    get checks() {
      return read().checks
    },
    get options() {
      return read().options
    },
    get partitioning() {
      return read().partitioning
    },
  }
  if (!foreignParent.test(text)) texts.set(table, text)
  return table
}

/** The text of a table, where it alone defines the table; null for other objects, and for tables that no server has shown in this form. */
export function textOfTable(object: RecordedSnapshot): string | null {
  return texts.get(object) ?? null
}

/** SHA-256 of a table's text, as hexadecimal digits. */
export function fingerprintText(text: string): string {
  return hash('sha256', text)
}

/** Whether the text may contain a foreign key: then statements on other tables may change the table, too. */
export function mayHaveForeignKeys(shown: string): boolean {
  return shown.includes(' FOREIGN KEY (')
}
