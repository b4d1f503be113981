import { expect, test } from 'vitest'
import type { ShardFamily } from '../../../../src/core/shard-family.ts'
import { checksumOf } from '../../../../src/files/checksum.ts'
import type { FamilyView } from '../../../../src/shards/family-view.ts'
import { noRegistry } from '../../../../src/shards/registry/registry.ts'
import { namingOf } from '../../../../src/shards/render-shard.ts'
import { withRecordedTemplate } from '../../../../src/shards/rotation/recorded-template.ts'
import { FamilyRun } from '../../../../src/shards/rotation/target-run.ts'
import type { FamilyRecord, FamilyTemplate } from '../../../../src/shards/shard.ts'
import { asInKeyspace } from '../../../../src/shards/vitess/template-version.ts'
import { periodFamily } from '../../../helpers/shards/families.ts'

const target = { database: 'message_db', schema: 'message_db', server: 'vtgate' }
const plain = periodFamily('messages', 'month')
const vindex = (column: string): NonNullable<ShardFamily['vindex']> => ({
  ...{ name: `by_${column}`, columns: [column], type: 'xxhash' },
})

function withText(text: string, column: string): ShardFamily {
  return asInKeyspace({ ...plain, template: { ...plain.template, text }, vindex: vindex(column) })
}

/** What a checkout is followed by, with what the registry has from the checkouts before it. */
function follow(checkouts: readonly ShardFamily[]) {
  let record: FamilyRecord | undefined
  const templates: FamilyTemplate[] = []
  const runs = checkouts.map((family) => {
    const run = new FamilyRun(family.name, target)
    const records: FamilyView['records'] = new Map(record === undefined ? [] : [['2026-01', {} as never]])
    const view: FamilyView = {
      ...{ family, target, naming: namingOf(family), records, findings: [], tables: new Map() },
      ...{ census: null, present: new Set<string>() },
    }
    const registry = { ...noRegistry, families: record === undefined ? [] : [record] }
    const work = withRecordedTemplate(family, { registry, carried: new Map(), templates, fansOut: false }, view, run)
    record = work.record
    templates.push(work.record)
    return { version: work.record.version, text: work.family.template.text, error: run.error }
  })
  return runs
}

const [first, second] = ['CREATE TABLE `messages` (a INT)', 'CREATE TABLE `messages` (a INT, b INT)'] as const

test('another vindex is another version in a keyspace, also with the same statement', () => {
  const runs = follow([withText(first, 'a'), withText(first, 'b')])
  expect(runs.map(({ version }) => version)).toEqual([1, 2])
})

test('an older checkout with the vindex of the newest version makes shards of that', () => {
  const [, , older] = follow([withText(first, 'a'), withText(second, 'a'), withText(first, 'a')])
  expect(older).toEqual({ version: 2, text: second, error: null })
})

test('an older checkout with another vindex makes none: the newest statement has no part in its routing', () => {
  const [, , older] = follow([withText(first, 'a'), withText(second, 'b'), withText(first, 'a')])
  expect(older).toMatchObject({ version: 2, error: { code: 'FAMILY_HEADER_CHANGED' } })
})

test('on MySQL, the vindex is no part of a version', () => {
  const [one, other] = [withHeaders('a'), withHeaders('b')]
  expect(one.template.checksum).toBe(other.template.checksum)
  expect(asInKeyspace(one).template.checksum).not.toBe(asInKeyspace(other).template.checksum)
  expect(asInKeyspace(plain).template.checksum).toBe(checksumOf(plain.template.text))
})

function withHeaders(column: string): ShardFamily {
  return { ...plain, vindex: vindex(column) }
}
