import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { isCopied } from '../../../../src/shards/move/move-family.ts'
import { idleTypeAmong, planTablets, refuseKinds, typesOf } from '../../../../src/shards/move/plan-tablets.ts'
import { printCommands } from '../../../../src/shards/move/print-commands.ts'
import { readTabletTypes, readVdiff, readWorkflows } from '../../../../src/shards/move/read-workflows.ts'
import { fenceNames, fenceTexts, provenName, sourceExpression } from '../../../../src/shards/move/workflow-commands.ts'

const place = {
  keyspace: 'contact_db',
  source: 'contact_mysql',
  table: 'contacts',
  column: 'instance_id',
  columns: ['id', 'odd`name'],
  tabletTypes: 'replica,primary',
}
const shard = { key: '12', table: "contact's_12" }

const stream = (changes: object = {}) => ({
  state: 'Running',
  message: '',
  position: 'MySQL56/a:1-9',
  copy_states: [],
  tablet_types: ['REPLICA', 'PRIMARY'],
  rows_copied: '7',
  ...changes,
})
const answer = (changes: object = {}): string =>
  JSON.stringify({
    workflows: [
      {
        name: 'w',
        source: { keyspace: 'contact_mysql', shards: ['0'] },
        shard_streams: { '-80/test-0000000003': { streams: [stream()] }, '80-/test-4': { streams: [stream(changes)] } },
      },
    ],
  })

describe('the workflows of a move', () => {
  test('read the rows of one shard by a condition on its key, and quote names', () => {
    expect(sourceExpression(place, shard)).toBe(
      "select `id`, `odd``name`, `instance_id` from `contact's_12` where `instance_id` = 12",
    )
  })

  test('are printed so that a shell gives the words on as they are', () => {
    const plan = { shards: [shard], widened: [shard], columnType: 'bigint', columns: [], id: 'id', sequence: null }
    const steps = printCommands(
      place,
      { ...plan, rows: 0, notes: [] },
      { program: '/opt/vt bin/vtctldclient', address: null },
    )
    const lines = steps.flatMap((step) => step.lines)
    expect(lines[0]).toBe(
      "ALTER TABLE `contact's_12` ADD COLUMN `instance_id` bigint NOT NULL DEFAULT 12 COMMENT 'wwdb shards move', ALGORITHM=INSTANT;",
    )
    expect(lines[2]).toContain(
      `'/opt/vt bin/vtctldclient' --server VTCTLD:15999 Materialize --workflow 'wwdb_move_contact'\\''s_12' `,
    )
    expect(lines[2]).toContain(`--tablet-types spare --table-settings '[{"target_table":"contacts",`)
    expect(lines[2]).toContain(`from \`contact'\\''s_12\` where`)
  })

  test('are printed to wait for a kind that is not asked for', () => {
    const plan = { shards: [shard], widened: [], columnType: 'bigint', columns: [], id: 'id', sequence: null }
    const steps = printCommands(
      { ...place, tabletTypes: 'primary,spare' },
      { ...plan, rows: 0, notes: [] },
      { program: 'vtctldclient', address: null },
    )
    expect(steps[0]?.what).toContain('of the kind `experimental`')
    expect(steps[1]?.lines[0]).toContain('--tablet-types experimental ')
    expect(refuseKinds(typesOf('primary,spare'))).toBeNull()
    expect(refuseKinds(typesOf('replcia,primary'))?.why).toMatch(
      /^`replcia` is not a kind of tablet\. Vitess has `primary`,/,
    )
    expect(refuseKinds([])?.why).toContain('No kind of tablet is named')
    expect(refuseKinds(typesOf('spare,experimental,drained,rdonly'))?.why).toContain('no workflow could wait')
  })

  test('are read from the answer of vtctld: copied where each stream runs, with a position, and has nothing to copy', () => {
    const [seen] = readWorkflows(answer())
    expect(seen).toMatchObject({ name: 'w', source: 'contact_mysql' })
    expect(seen?.streams.map(({ shard: at, rowsCopied }) => [at, rowsCopied])).toEqual([
      ['-80', 7],
      ['80-', 7],
    ])
    const copied = (changes: object): boolean => readWorkflows(answer(changes)).every(isCopied)
    expect(copied({})).toBe(true)
    expect(copied({ state: 'Lagging' })).toBe(true)
    expect(copied({ position: '' })).toBe(false)
    expect(copied({ copy_states: [{ table: 'contacts' }] })).toBe(false)
    for (const state of ['Copying', 'Stopped', 'Error', 'Init']) expect(copied({ state })).toBe(false)
    expect(readWorkflows('{"workflows": []}')).toEqual([])
  })

  test('say of an answer that is none of Vitess what to do', () => {
    for (const read of [readWorkflows, readVdiff])
      for (const text of ['', 'null', '{"workflows": 3}']) expect(() => read(text)).toThrow(ToolError)
  })

  test('wait for a kind of tablet that the source does not have', () => {
    const listed =
      'test-0000000002 contact_mysql 0 primary host:8002 host:3306 [] 2026\ntest-1 contact_mysql 0 SPARE a b\n'
    expect(readTabletTypes(listed)).toEqual(['primary', 'spare'])
    expect(idleTypeAmong(['primary'])).toBe('spare')
    expect(idleTypeAmong(['primary', 'spare'])).toBe('experimental')
    expect(idleTypeAmong(['spare', 'experimental', 'drained', 'rdonly'])).toBeNull()
    // One that is asked for would begin before all are created.
    expect(idleTypeAmong(['primary'], ['spare', 'primary'])).toBe('experimental')
  })

  test.each([
    [
      'replica,primary',
      ['primary'],
      null,
      [/No tablet of `contact_mysql` is of the kind `replica` now.*from `primary` alone/],
    ],
    [' Primary , RDONLY', ['primary', 'rdonly'], null, []],
    [
      'replcia,primary',
      ['primary'],
      /^`replcia` is not a kind of tablet\. Those of `contact_mysql` are: `primary`\.$/,
      [],
    ],
    ['in_order:replica,primary', ['primary'], /^`in_order:replica` is not a kind/, []],
    ['replica,rdonly', ['primary'], /no tablet of the kinds `replica`, `rdonly`: it has `primary`/, []],
    ['replica', [], /it has none/, []],
    [',', ['primary'], /No kind of tablet is named/, []],
  ] as const)('read from the kinds %s where the source has %j: each is compared', (text, present, why, notes) => {
    const plan = planTablets('contact_mysql', typesOf(text), present)
    expect(plan.notes).toEqual(notes.map((note) => expect.stringMatching(note)))
    if (why === null) expect(plan.refusal).toBeNull()
    else expect(plan.refusal?.why).toMatch(why)
  })

  test('are compared by VDiff, whose errors count', () => {
    const found = { State: 'completed', RowsCompared: 5, HasMismatch: false }
    expect(readVdiff(JSON.stringify(found))).toEqual({
      state: 'completed',
      rows: 5,
      hasMismatch: false,
      errors: [],
      failed: [],
    })
    expect(readVdiff(JSON.stringify({ ...found, Errors: { '-80': 'lost' } }))).toMatchObject({
      errors: ['lost'],
      failed: ['-80'],
    })
    expect(readVdiff('{}')).toBeNull()
  })
})

describe('what refuses the writes of a shard', () => {
  test('is a trigger for each kind of write, which lets wwdb through, and one more that says which side has the newer rows', () => {
    const names = fenceNames(shard)
    expect(new Set([...names, provenName(shard)]).size).toBe(4)
    expect(names.every((name) => name.startsWith('wwdb_move_'))).toBe(true)
    const texts = fenceTexts(shard, place)
    expect(texts.map((text) => / BEFORE (\w+) ON /.exec(text)?.[1])).toEqual(['INSERT', 'UPDATE', 'DELETE'])
    for (const text of texts) expect(text).toContain("SET MESSAGE_TEXT='contact?s_12 has moved to contact_db.contacts'")
  })
})
