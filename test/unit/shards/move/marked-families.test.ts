import { describe, expect, test } from 'vitest'
import { refuseMovedRepairs } from '../../../../src/shards/fan-out/repair-target.ts'
import { renderFinding, toFinding, toState } from '../../../../src/shards/registry/registry-format.ts'
import { restoreFound, restoreNamed } from '../../../../src/shards/rotation/restore-shards.ts'
import { changeShards } from '../../../../src/shards/rotation/run-rotation.ts'
import type { ShardFinding } from '../../../../src/shards/shard.ts'
import { keyFamily } from '../../../helpers/shards/families.ts'
import { RotationStage } from '../../../helpers/shards/rotation-stage.ts'

const mark: ShardFinding = {
  family: 'contacts',
  key: '',
  kind: 'moved',
  table: 'contact_db.contacts',
  state: 'live',
  rows: null,
  at: Date.parse('2026-01-15T12:00:00Z'),
  closed: null,
}

/** The values of a row as the server gives them back. */
const cellsOf = (text: string) =>
  text
    .slice(1, -1)
    .split(',')
    .map((cell) => (cell === 'NULL' ? null : cell.replaceAll("'", '')))

describe('the mark of a family that has moved', () => {
  test('stops a wwdb that does not know it, by a state that it does not know', () => {
    const cells = cellsOf(renderFinding(mark))
    // As the first version reads each finding.
    expect(() => toState(cells[5])).toThrow(expect.objectContaining({ code: 'REGISTRY_UNKNOWN' }))
    expect(toFinding(cells)).toEqual(mark)
  })

  test('is read as it was written before', () => {
    const cells = cellsOf(renderFinding(mark))
    expect(toFinding(cells.map((cell, at) => (at === 5 ? 'live' : cell)))).toEqual(mark)
  })

  test('is not the only kind that a later wwdb may write: an unknown one is not taken for a known one', () => {
    const cells = cellsOf(renderFinding({ ...mark, kind: 'put-off' }))
    expect(toFinding(cells).kind).toBe('put-off')
    expect(() => toFinding(cells.map((cell, at) => (at === 2 ? 'gone' : cell)))).toThrow(
      expect.objectContaining({ code: 'REGISTRY_UNKNOWN' }),
    )
  })

  test('keeps shards from being restored, from their hold and from an archive', async () => {
    const stage = new RotationStage('2026-01-15T12:00:00Z', [keyFamily('contacts')])
    stage.setInstances(['3', '12'])
    await stage.runWell()
    stage.schema.writeRegistry([], [], null, [mark])
    const before = stage.tables('')
    const request = stage.request()
    const given = { reason: 'needed', by: 'a person' }
    const [restored] = (
      await changeShards(request, (target, work) => restoreNamed(request, target, work, ['3'], given))
    ).outcomes
    expect(JSON.stringify(restored)).toContain('No shard of `contacts` is restored')
    const archive = { address: 'x', sha256: '', bytes: 1, at: mark.at, rows: 1, checksum: '0' }
    const shard = { family: 'contacts', key: '77', table: 'contacts_77', from: null, to: null }
    const found = { archive, shard, templateVersion: 1 }
    const [loaded] = (
      await changeShards(request, (target, work) =>
        restoreFound(request, target, work, found as unknown as Parameters<typeof restoreFound>[3], given),
      )
    ).outcomes
    expect(JSON.stringify(loaded)).toContain('MOVE_REFUSED')
    expect(stage.tables('')).toEqual(before)
  })

  test('keeps its shards from being altered to the template, whose tables do not have the column of the key', () => {
    const altered = (findings: readonly ShardFinding[], groups: readonly unknown[]) =>
      [
        {
          viewed: { view: { family: keyFamily('contacts'), findings } },
          alterations: { family: 'contacts', target: { database: 'app', server: 'db' }, groups },
        },
      ] as unknown as Parameters<typeof refuseMovedRepairs>[0]
    expect(() => refuseMovedRepairs(altered([mark], [{}]))).toThrow(expect.objectContaining({ code: 'MOVE_REFUSED' }))
    for (const [findings, groups] of [
      [[], [{}]],
      [[mark], []],
      [[{ ...mark, closed: { at: 1, by: 'x', reason: 'y' } }], [{}]],
    ] as const)
      expect(() => refuseMovedRepairs(altered(findings, groups))).not.toThrow()
  })
})
