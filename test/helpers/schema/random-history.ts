import fc from 'fast-check'
import { migration } from '../tool/stage.ts'

/** A project of two databases whose tables were made, changed, filled and dropped over time. */
export interface History {
  /** As `stage.write` takes them. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  /** By place in `files`. */
  readonly versions: readonly string[]
  /** The last file that is squashed, and the number of files that the database which lags has run. */
  readonly cut: number
  readonly lag: number
}

interface Table {
  readonly database: string
  name: string
  readonly columns: { readonly name: string; readonly values: readonly string[] }[]
  /** True for what others refer to: it is not dropped nor renamed. */
  isHeld: boolean
  rows: number
}

const types = [
  { type: "VARCHAR(40) NOT NULL DEFAULT 'x'", values: ["'a'", "'it''s; ü'", "''"] },
  { type: 'BIGINT UNSIGNED', values: ['0', '18446744073709551615', 'NULL'] },
  { type: 'DECIMAL(20,4) DEFAULT 1.5', values: ['-1.25', '1234567890.1234'] },
  { type: 'FLOAT', values: ['0.1', '-3.4e38', '1e-30'] },
  { type: 'DOUBLE', values: ['0.1', '1.7976931348623157e308'] },
  { type: 'VARBINARY(8)', values: ["x'00ff27'", "''", 'NULL'] },
  { type: 'BIT(12)', values: ["b'101'", "b'111100001111'"] },
  { type: 'JSON', values: [`'{"a": [1, "\u00fc"]}'`, 'NULL'] },
  { type: "ENUM('x','y') CHARACTER SET latin1", values: ["'y'", "'x'"] },
  { type: 'DATETIME(3) NULL', values: ["'2026-03-01 10:20:30.125'", 'NULL'] },
  { type: 'TIMESTAMP NULL', values: ["'2026-03-01 10:20:30'"] },
  { type: 'TEXT', values: [`'line\\nnext \\\\ {{no}}'`, 'NULL'] },
  { type: 'POINT', values: ["ST_GeomFromText('POINT(1 2)')", 'NULL'] },
] as const

/** Makes files of what the numbers say; the same numbers make the same files. */
class HistoryWriter {
  readonly files: { name: string; text: string }[] = []
  readonly versions: string[] = []
  readonly #tables: Table[] = []
  #names = 0

  #add(database: string, up: string, extension = 'sql', header = ''): void {
    const version = String(20260101000000 + this.files.length)
    const text = extension === 'sql' ? migration(up, undefined, header) : up
    this.files.push({ name: `${database}/${version}_step.${extension}`, text })
    this.versions.push(version)
  }

  #next(letter: string): string {
    this.#names += 1
    return `${letter}${this.#names}`
  }

  step(kind: number, pick: number): void {
    const database = pick % 2 === 0 ? 'user_db' : 'app'
    const own = this.#tables.filter((table) => table.database === database)
    const table = own[pick % Math.max(1, own.length)]
    if (table === undefined || kind < 2) this.#create(database, pick)
    else this.#add(table.database, this.#change(table, kind, pick), kind === 14 ? 'mjs' : 'sql')
  }

  #create(database: string, pick: number): void {
    const parent = this.#tables.find((one) => one.database === 'user_db')
    const type = types[pick % types.length] ?? types[0]
    const name = this.#next('t')
    const key =
      database === 'app' && parent !== undefined
        ? `, parent INT, CONSTRAINT fk_${name} FOREIGN KEY (parent) REFERENCES {{schema:user_db}}.${parent.name} (id)`
        : ''
    if (key !== '' && parent !== undefined) parent.isHeld = true
    // The table may have another name than the one that it was made under: then its name does not show which file it needs.
    const last = this.files.findLastIndex((file) => file.name.startsWith('user_db/'))
    const header = key === '' ? '' : `-- wwdb:requires user_db/${this.versions[last]}`
    const up = `CREATE TABLE ${name} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, c0 ${type.type}${key});`
    this.#add(database, up, 'sql', header)
    this.#tables.push({ database, name, columns: [{ name: 'c0', values: type.values }], isHeld: key !== '', rows: 0 })
  }

  #change(table: Table, kind: number, pick: number): string {
    const { name, columns } = table
    const column = columns[pick % Math.max(1, columns.length)]
    const type = types[pick % types.length] ?? types[0]
    const added = this.#next('c')
    if (kind < 4) {
      columns.push({ name: added, values: type.values })
      return `ALTER TABLE ${name} ADD COLUMN ${added} ${type.type}${pick % 3 === 0 ? ' FIRST' : ''};`
    }
    if (kind === 4 && column !== undefined && columns.length > 1 && !table.isHeld) {
      columns.splice(columns.indexOf(column), 1)
      return `ALTER TABLE ${name} DROP COLUMN ${column.name};`
    }
    if (kind < 9 && column !== undefined) {
      const rows = column.values.map((value) => `(${value})`)
      table.rows += rows.length
      return `INSERT INTO ${name} (${column.name}) VALUES ${rows.join(', ')};`
    }
    if (kind === 9 && column !== undefined)
      return `UPDATE ${name} SET ${column.name} = ${column.values[0]} WHERE id % 2 = 0;\nDELETE FROM ${name} WHERE id > ${pick % 5};`
    if (kind === 10) {
      table.isHeld = true
      return `CREATE VIEW ${this.#next('v')} AS SELECT id FROM ${name} WHERE id > ${pick};`
    }
    if (kind === 11) {
      table.isHeld = true
      return `DELIMITER $$\nCREATE TRIGGER ${this.#next('r')} BEFORE UPDATE ON ${name} FOR EACH ROW BEGIN SET NEW.id = NEW.id; SET @x = 1; END$$\nDELIMITER ;`
    }
    if (kind === 12 && !table.isHeld) {
      this.#tables.splice(this.#tables.indexOf(table), 1)
      return `DROP TABLE ${name};`
    }
    if (kind === 13 && !table.isHeld) {
      table.name = this.#next('t')
      return `RENAME TABLE ${name} TO ${table.name};`
    }
    if (kind === 14)
      return `export async function up(knex) { await knex('${name}').insert({ id: ${1000 + pick} }).onConflict().ignore() }\n`
    return `CREATE PROCEDURE ${this.#next('p')} () SELECT COUNT(*) FROM ${name};`
  }
}

/** Histories of up to twelve files in two databases, with a place to cut them and one where a database stopped. */
export const randomHistory: fc.Arbitrary<History> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(15), fc.nat(60)), { minLength: 5, maxLength: 12 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([steps, cutAt, lagAt]) => {
    const writer = new HistoryWriter()
    for (const [kind, pick] of steps) writer.step(kind, pick)
    const { files, versions } = writer
    // Of three files two are of one database.
    const cut = 2 + Math.floor(cutAt * (files.length - 2.001))
    return { files, versions, cut, lag: Math.floor(lagAt * files.length) }
  })
