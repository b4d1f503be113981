import { describe, expect, it } from 'vitest'
import { readCreatedTable, readSchemaWideNames } from '../../../src/ddl/created-table.ts'

/** What stands between two offsets of a text. */
function partsOf(text: string) {
  const created = readCreatedTable(text)
  if (created === null) return null
  const { name, tableWordEnd, ifNotExists, columns, definitions, definitionsEnd, closingEnd, options } = created
  return {
    name: name.map((token) => token.text).join(''),
    beforeName: text.slice(0, tableWordEnd),
    ifNotExists,
    columns: columns.map((column) => column.name),
    definitions: definitions.length,
    beforeEnd: text.slice(0, definitionsEnd),
    behind: text.slice(closingEnd),
    options: options.map((token) => token.text).join(' '),
  }
}

describe('a CREATE TABLE', () => {
  it('is split into its parts, with any comments and spaces between them', () => {
    const text =
      "CREATE /* a ( */ TABLE IF NOT EXISTS `s`.`t (x)` (\n  `key` INT DEFAULT (1 + (2)), -- )\n  name VARCHAR(9) COMMENT ')', PRIMARY KEY (`key`), KEY (name(3)), CONSTRAINT c CHECK (`key` > 0) -- last )\n) ENGINE=InnoDB /* ) */ COMMENT='x'"
    expect(partsOf(text)).toEqual({
      name: 's.t (x)',
      beforeName: 'CREATE /* a ( */ TABLE',
      ifNotExists: true,
      columns: ['key', 'name'],
      definitions: 5,
      beforeEnd: text.slice(0, text.indexOf(' -- last')),
      behind: " ENGINE=InnoDB /* ) */ COMMENT='x'",
      options: 'ENGINE = InnoDB COMMENT = x',
    })
  })

  it('may have quoted columns with the keywords of constraints as names', () => {
    expect(partsOf('CREATE TABLE t (`primary` INT, `check` INT, unique (`check`))')?.columns).toEqual([
      'primary',
      'check',
    ])
  })

  it.each([
    'CREATE TABLE t LIKE u',
    'CREATE TABLE t (LIKE u)',
    'CREATE TABLE t AS SELECT 1',
    'CREATE TABLE t (SELECT 1)',
    'CREATE TABLE t SELECT (1)',
    'CREATE TABLE t (a INT',
    'CREATE TABLE',
    'DROP TABLE t',
    '',
  ])('without a list of columns is not read: %s', (text) => {
    expect(readCreatedTable(text)).toBeNull()
  })
})

describe('names that are unique in the schema', () => {
  const namesOf = (definitions: string): readonly string[] => {
    const created = readCreatedTable(`CREATE TABLE t (${definitions})`)
    return created === null ? [] : readSchemaWideNames(created).map((token) => token.text)
  }

  it.each([
    ['a INT, CONSTRAINT one FOREIGN KEY (a) REFERENCES p (a)', ['one']],
    ['a INT, CONSTRAINT `two x` CHECK (a > 0), constraint three check (a < 9)', ['two x', 'three']],
    ['a INT CONSTRAINT four CHECK (a > 0)', ['four']],
    ['a INT, CONSTRAINT five UNIQUE (a), CONSTRAINT six PRIMARY KEY (a)', []],
    ['a INT, CONSTRAINT FOREIGN KEY (a) REFERENCES p (a), CHECK (a > 0), CONSTRAINT CHECK (a > 1)', []],
  ])('%s', (definitions, names) => {
    expect(namesOf(definitions)).toEqual(names)
  })
})
