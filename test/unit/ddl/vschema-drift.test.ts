import { expect, it } from 'vitest'
import { compareSnapshots, describeDifference } from '../../../src/ddl/compare-snapshots.ts'
import { decideRecord, findDrift, nothingTouched, type RecordedSchema } from '../../../src/ddl/recorded-schema.ts'
import { advanceRecord, chooseNeeded } from '../../../src/ddl/replayed-record.ts'
import { fingerprintObject, normalForm, objectKey, type SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import type { VschemaSnapshot } from '../../../src/ddl/vschema-parts.ts'
import type { ObjectName } from '../../../src/sql/statement.ts'

const keyspace: VschemaSnapshot = {
  ...{ type: 'keyspace', name: 'app', isSharded: true, foreignKeyMode: 'unmanaged' },
}
const vindex: VschemaSnapshot = { type: 'vindex', name: 'by_id', kind: 'xxhash', params: '', owner: '' }
const letters: VschemaSnapshot = {
  ...{ type: 'vschema', name: 'letters', isSequence: false, takesRows: true, autoIncrement: null },
  vindexes: [{ name: 'by_id', columns: 'id' }],
}
const snapshot = (vschema: readonly VschemaSnapshot[]): SchemaSnapshot => ({
  ...{ format: 1, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci', objects: [], vschema },
})
const reading = (vschema: readonly VschemaSnapshot[]) => ({
  ...{ snapshot: snapshot(vschema), hidden: [], leftOut: [], shards: [] },
})
const record = (parts: readonly VschemaSnapshot[]): RecordedSchema => ({
  ...{ through: 1, partial: new Map() },
  objects: new Map(
    parts.map((one) => [
      objectKey(one),
      { type: one.type, name: one.name, fingerprint: fingerprintObject(one), form: normalForm, definition: () => one },
    ]),
  ),
})
const touching = (type: ObjectName['type'], name: string) => ({
  ...{ everything: false, objects: [{ type, schema: null, name }] },
})
const drift = (was: readonly VschemaSnapshot[], is: readonly VschemaSnapshot[], touched = nothingTouched) =>
  findDrift(record(was), reading(is), touched, 'app').map(({ type, name, change }) => `${type} ${name} ${change}`)

it('parts of a VSchema that somebody added, dropped or changed are drift', () => {
  expect(drift([keyspace, vindex, letters], [keyspace, vindex, letters])).toEqual([])
  expect(drift([keyspace, vindex], [{ ...keyspace, foreignKeyMode: 'managed' }, letters])).toEqual([
    'keyspace app differs',
    'vindex by_id missing',
    'vschema letters extra',
  ])
})

it('a record of an earlier wwdb, which has no VSchema, is compared with none, and the next run records it', () => {
  expect(drift([], [keyspace, vindex, letters])).toEqual([])
  const given = record([])
  const change = decideRecord(given, [], snapshot([keyspace]), reading([keyspace, vindex]))
  expect(change.put.map(({ type }) => type)).toEqual(['schema', 'keyspace', 'vindex'])
  // `drift --revert` of a table is a run, too.
  const reverting = decideRecord(given, [], snapshot([keyspace]), reading([keyspace, vindex]), {})
  expect(reverting.put.map(({ type }) => type)).toEqual(['keyspace', 'vindex'])
  const known = decideRecord(record([keyspace]), [], snapshot([keyspace]), reading([keyspace, vindex]), {})
  expect(known.put).toEqual([])
})

it('a VSchema that vtgate could not read, and a table that routing rules lead elsewhere, are no drift, and stay as they were recorded', () => {
  const { vschema: _, ...bare } = snapshot([])
  const unread = { ...reading([]), snapshot: bare, vschemaFault: 'VT09019: cycle' }
  const given = record([keyspace, vindex, letters])
  expect(findDrift(given, unread, nothingTouched, 'app')).toEqual([])
  expect(decideRecord(given, [], bare, unread)).toMatchObject({ remove: [] })
  const routed: VschemaSnapshot = { ...letters, vindexes: [], isRouted: true }
  expect(drift([keyspace, vindex, letters], [keyspace, vindex, routed])).toEqual([])
  expect(drift([keyspace], [keyspace, routed])).toEqual([])
  const parts = [keyspace, vindex, routed]
  expect(decideRecord(given, [], snapshot(parts), reading(parts))).toMatchObject({
    ...{ put: [{ type: 'schema' }], remove: [] },
  })
})

it('the order of the vindexes after the first one is no drift', () => {
  const [one, two, three] = ['one', 'two', 'three'].map((name) => ({ name, columns: name }))
  const of = (...own: readonly (typeof one)[]): VschemaSnapshot => ({
    ...letters,
    vindexes: own.flatMap((given) => given ?? []),
  })
  expect(drift([keyspace, of(one, two, three)], [keyspace, of(one, three, two)])).toEqual([])
  expect(fingerprintObject(of(one, two, three))).toBe(fingerprintObject(of(one, three, two)))
  expect(drift([keyspace, of(one, two)], [keyspace, of(two, one)])).toEqual(['vschema letters differs'])
})

it('a statement on a table does not touch what the VSchema says of it, nor the other way around', () => {
  const changed: VschemaSnapshot = { ...letters, vindexes: [] }
  expect(drift([keyspace, letters], [keyspace, changed], touching('table', 'letters'))).toHaveLength(1)
  expect(drift([keyspace, letters], [keyspace, changed], touching('vschema', 'letters'))).toEqual([])
  expect(drift([keyspace, vindex], [keyspace], touching('vindex', 'BY_ID'))).toEqual([])
})

it('a scratch schema, which has no VSchema, neither needs one nor takes one from the record', () => {
  const given = record([keyspace, vindex, letters])
  expect(chooseNeeded(given, ['ALTER TABLE letters ADD COLUMN note INT'], () => true)).toEqual([])
  const { vschema: _, ...made } = snapshot([])
  const { objects } = advanceRecord(given, [made], snapshot([keyspace]), () => true)
  expect([...objects.keys()]).toEqual(['keyspace ', 'vindex by_id', 'vschema letters', 'schema '])
})

it('the numbers of a table are named by what they come from, and what that is to its rows', () => {
  const numbered = (name: string): VschemaSnapshot => ({
    ...letters,
    autoIncrement: { column: 'id', sequence: { keyspace: '{{schema:user_db}}', name } },
  })
  const said = (wanted: VschemaSnapshot, found: VschemaSnapshot): readonly string[] =>
    compareSnapshots(snapshot([wanted]), snapshot([found])).map((one) => describeDifference(one))
  expect(said(numbered('ids'), letters)).toEqual([
    'AUTO_INCREMENT (id from ids) is missing: vtgate numbers no new rows',
  ])
  expect(said(letters, numbered('ids'))).toEqual([
    'AUTO_INCREMENT (id from ids) is not expected: vtgate numbers new rows',
  ])
  expect(said(numbered('ids'), numbered('others'))).toEqual([
    'AUTO_INCREMENT is id from user_db.others, not id from user_db.ids',
  ])
})
