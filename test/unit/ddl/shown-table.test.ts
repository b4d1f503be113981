import { expect, test } from 'vitest'
import { normalizeTable } from '../../../src/ddl/definitions/normal-form.ts'
import { decideRecord, findDrift, nothingTouched, type RecordedSchema } from '../../../src/ddl/recorded-schema.ts'
import { fingerprintText, showTable, textForm, textOfTable } from '../../../src/ddl/shown-table.ts'
import { fingerprintObject, type SnapshotReading, type TableSnapshot } from '../../../src/ddl/snapshot.ts'

const context = { collations: new Map([['utf8mb4', 'utf8mb4_0900_ai_ci']]), databases: new Map([['other', 'user_db']]) }

const textOf = (column: string, options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4'): string =>
  `CREATE TABLE \`t\` (\n  ${column},\n  PRIMARY KEY (\`id\`)\n) ${options}`
const text = textOf('`id` int NOT NULL')

const readingOf = (...objects: readonly TableSnapshot[]): SnapshotReading => ({
  snapshot: { format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', objects },
  hidden: [],
  leftOut: [],
  shards: [],
})

/** A record whose definition may be read only where that is expected. */
const recordOf = (written: string, read: () => TableSnapshot): RecordedSchema => ({
  objects: new Map([
    ['table t', { type: 'table', name: 't', fingerprint: fingerprintText(written), form: textForm, definition: read }],
  ]),
  through: 1,
  partial: new Map(),
})

const refuse = (): never => {
  throw new Error('it was read')
}

test('a shown table has every part of its normal form, also when it is copied or written as JSON', () => {
  const [shown, normal] = [showTable('t', text, context), normalizeTable('t', text, context)]
  expect(shown).toEqual(normal)
  expect({ ...shown }).toEqual(normal)
  expect(JSON.stringify(shown)).toBe(JSON.stringify(normal))
  expect(fingerprintObject(shown)).toBe(fingerprintObject(normal))
})

test('its text is read only when a part is needed, and then a text that is none of a table is an error', () => {
  const shown = showTable('t', 'CREATE VIEW', context)
  expect(textOfTable(shown)).toBe('CREATE VIEW')
  expect(() => shown.columns).toThrow('this is not the definition of a table')
})

test.each<readonly [what: string, options: string, kept: string]>([
  [
    'the counter goes',
    'ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4',
    'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4',
  ],
  ['words of a comment stay', "ENGINE=InnoDB COMMENT=' AUTO_INCREMENT=7'", "ENGINE=InnoDB COMMENT=' AUTO_INCREMENT=7'"],
])('what changes with every row is not recorded: %s', (_, options, kept) => {
  expect(textOfTable(showTable('t', textOf('`id` int NOT NULL', options), context))).toBe(
    textOf('`id` int NOT NULL', kept),
  )
})

test('a table that its text alone does not define has no text to record', () => {
  const key = '`id` int NOT NULL,\n  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES'
  expect(textOfTable(showTable('t', textOf(`${key} \`other\`.\`users\` (\`id\`)`), context))).toBeNull()
  expect(textOfTable(showTable('t', textOf(`${key} \`users\` (\`id\`)`), context))).not.toBeNull()
  expect(textOfTable({ ...showTable('t', text, context) })).toBeNull()
})

test('a table whose text is as recorded is not read, and its row is not written again', () => {
  const recorded = recordOf(text, refuse)
  const reading = readingOf(showTable('t', text, context))
  expect(findDrift(recorded, reading, nothingTouched, 'app')).toEqual([])
  expect(decideRecord(recorded, [], reading.snapshot, reading).put.map(({ type }) => type)).toEqual(['schema'])
})

test('a table that another server prints in another way is the same table', () => {
  const older = textOf('`id` int(11) NOT NULL')
  const recorded = recordOf(older, () => normalizeTable('t', older, context))
  const reading = readingOf(showTable('t', text, context))
  expect(findDrift(recorded, reading, nothingTouched, 'app')).toEqual([])
})

test('a table that was changed by hand differs from its recorded text', () => {
  const recorded = recordOf(text, () => normalizeTable('t', text, context))
  const reading = readingOf(showTable('t', textOf('`id` bigint NOT NULL'), context))
  expect(findDrift(recorded, reading, nothingTouched, 'app')).toMatchObject([{ name: 't', change: 'differs' }])
})
