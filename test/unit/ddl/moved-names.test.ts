import { describe, expect, test } from 'vitest'
import { decideRecord, findDrift, nothingTouched, type RecordedSchema } from '../../../src/ddl/recorded-schema.ts'
import {
  fingerprintObject,
  normalForm,
  objectKey,
  type RecordedSnapshot,
  type SchemaSnapshot,
  type SnapshotReading,
  type TableSnapshot,
} from '../../../src/ddl/snapshot.ts'

function table(name: string, parent: string | null = null): TableSnapshot {
  const text = `CONSTRAINT \`f\` FOREIGN KEY (\`id\`) REFERENCES \`${parent}\` (\`id\`)`
  const foreignKeys =
    parent === null ? [] : [{ name: 'f', text, columns: ['id'], parentDatabase: null, parent, parentColumns: ['id'] }]
  return { type: 'table', name, columns: [], indexes: [], foreignKeys, checks: [], options: {}, partitioning: null }
}

function schemaOf(objects: readonly TableSnapshot[]): SchemaSnapshot {
  return { format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', objects }
}

function recordOf(objects: readonly TableSnapshot[]): RecordedSchema {
  const { database: name, charset, collation } = schemaOf([])
  const all: readonly RecordedSnapshot[] = [{ type: 'schema', name, charset, collation }, ...objects]
  const entries = all.map((object) => {
    const { type } = object
    const record = { type, name: object.name, fingerprint: fingerprintObject(object), form: normalForm }
    return [objectKey(object), { ...record, definition: () => object }] as const
  })
  return { objects: new Map(entries), through: 1, partial: new Map() }
}

function readingOf(objects: readonly TableSnapshot[], foldsNames = true): SnapshotReading {
  return { snapshot: schemaOf(objects), hidden: [], leftOut: [], foldsNames, shards: [] }
}

const written = [table('Users'), table('Items', 'Users')]

test.each([
  ['in lower case', [table('users'), table('items', 'users')]],
  ['as they were written', written],
  ['as they were written, and parents in lower case', [table('Users'), table('Items', 'users')]],
])('a server that ignores the case of names and keeps them %s has no drift', (_, live) => {
  expect(findDrift(recordOf(written), readingOf(live), nothingTouched, 'app')).toEqual([])
})

test('a record whose names are those of the server is not written again', () => {
  const reading = readingOf(written)
  expect(decideRecord(recordOf(written), [], reading.snapshot, reading)).toMatchObject({ put: [], remove: [] })
})

test('a record of both spellings loses the one that is not there', () => {
  const live = [table('users'), table('items', 'users')]
  const recorded = recordOf([...written, ...live])
  expect(findDrift(recorded, readingOf(live), nothingTouched, 'app')).toEqual([])
  const { put, remove } = decideRecord(recorded, [], schemaOf(live), readingOf(live))
  expect(put).toEqual([])
  expect(remove).toEqual([
    { type: 'table', name: 'Users' },
    { type: 'table', name: 'Items' },
  ])
})

describe('a record of a server that ignores the case of names, where it counts', () => {
  const folded: RecordedSchema = { ...recordOf([table('users'), table('items', 'users')]), foldsNames: true }

  test('is that of tables that were spelled as the files do, and has their names after the next run', () => {
    expect(findDrift(folded, readingOf(written, false), nothingTouched, 'app')).toEqual([])
    const { put, remove } = decideRecord(folded, [], schemaOf(written), readingOf(written, false))
    expect(put.map(({ name }) => name)).toEqual(['Users', 'Items'])
    expect(remove.map(({ name }) => name)).toEqual(['users', 'items'])
  })

  test('says nothing of a table that several could be', () => {
    const live = [...written, table('USERS')]
    const names = findDrift(folded, readingOf(live, false), nothingTouched, 'app').map(({ name }) => name)
    expect(names).toEqual(['USERS', 'Users', 'users'])
  })

  test('a record of a server where case counts has a table of another case missing', () => {
    const { foldsNames: _, ...exact } = folded
    expect(findDrift(exact, readingOf(written, false), nothingTouched, 'app')).toHaveLength(4)
  })
})
