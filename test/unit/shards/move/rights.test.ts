import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { moveFamily } from '../../../../src/shards/move/move-family.ts'
import type { LackingRights } from '../../../../src/shards/move/ports.ts'
import { refuseRights, rightsOfCopy, rightsOfUndo, switchRights } from '../../../../src/shards/move/require-rights.ts'
import { switchWrites } from '../../../../src/shards/move/switch-writes.ts'
import { undoMove } from '../../../../src/shards/move/undo-move.ts'
import type { AskVtctld } from '../../../../src/shards/move/vtctldclient.ts'
import { provenText } from '../../../../src/shards/move/workflow-commands.ts'
import { memoryMove } from '../../../helpers/shards/move-memory.ts'

const none: LackingRights = { account: "'wwdb'@'%'", place: '`app`.*', rights: [], untrusted: false }

describe('the rights of the account of the shards', () => {
  test('are named with their GRANT where one is missing', () => {
    expect(refuseRights(none, switchRights)).toBeNull()
    expect(refuseRights({ ...none, rights: ['DELETE', 'TRIGGER'] }, switchRights)).toEqual({
      why: "The account `'wwdb'@'%'` lacks DELETE, TRIGGER on the schema of the shards.",
      next: "Nothing was written. Run `GRANT DELETE, TRIGGER ON `app`.* TO 'wwdb'@'%'`. Then run the command again.",
    })
  })

  test('have with a binary log the trust that a trigger needs', () => {
    const refusal = refuseRights({ ...none, untrusted: true }, switchRights)
    expect(refusal?.why).toMatch(/creates no trigger for `'wwdb'@'%'`.*`log_bin_trust_function_creators` is OFF/)
    expect(refusal?.next).toMatch(/SET PERSIST log_bin_trust_function_creators = ON.*GRANT SUPER ON \*\.\*/)
  })

  test('are those of the registry, too, which a switch marks', () => {
    expect(refuseRights({ ...none, rights: ['UPDATE', 'CREATE'] }, switchRights)?.next).toContain(
      'GRANT UPDATE, CREATE ON',
    )
  })

  test('have no trust on the way back, which creates no trigger, and ALTER where a column goes', () => {
    const lacking: LackingRights = { ...none, rights: ['ALTER', 'CREATE'], untrusted: true }
    expect(refuseRights(lacking, rightsOfUndo(true, 0))).toBeNull()
    expect(refuseRights(lacking, rightsOfUndo(false, 2))?.next).toContain('Run `GRANT ALTER ON `app`.*')
    // Without it, the server shows no trigger: a family that was switched would look as one that was not.
    expect(refuseRights({ ...none, rights: ['TRIGGER'] }, rightsOfUndo(false, 0))?.why).toContain('lacks TRIGGER')
  })

  test('include ALTER where shards get the column of the key', () => {
    const lacking: LackingRights = { ...none, rights: ['ALTER'] }
    expect(refuseRights(lacking, rightsOfCopy({ widened: [] }))).toBeNull()
    expect(refuseRights(lacking, rightsOfCopy({ widened: [{ key: '3', table: 'contacts_3' }] }))?.next).toContain(
      'GRANT ALTER ON',
    )
  })
})

const rows = [{ id: 1n, wxid: 'w1' }]
const both = { shards: { '3': rows }, keyspace: { '3': rows } }
const nothing: AskVtctld = async ([command]) => (command === 'GetWorkflows' ? '{"workflows":[]}' : 't mysql 0 primary')

function moveWith(lacking: Partial<LackingRights>, isSwitched: boolean) {
  const move = memoryMove(both)
  const shard = { key: '3', table: 'contacts_3' }
  const text = provenText(shard, { keyspace: 'contact_db', table: 'contacts' }, 'vtgate')
  if (isSwitched) move.triggers.set(/`(\w+)`/.exec(text)?.[1] ?? '', { table: shard.table, text })
  const source = { ...move.request.source, readLacking: async () => ({ ...none, ...lacking }) }
  return { ...move, request: { ...move.request, source, vtctld: null } }
}

test.each([
  ['a copy', moveFamily, false, ['TRIGGER']],
  ['a switch', switchWrites, false, ['DELETE']],
  ['a switch', switchWrites, false, ['CREATE']],
  ['the way back', undoMove, true, ['INSERT']],
  ['the way back', undoMove, false, ['TRIGGER']],
] as const)(
  '%s is refused without them before anything is written, and before a question',
  async (_, run, isSwitched, rights) => {
    const move = moveWith({ rights }, isSwitched)
    const asked: string[] = []
    const request = { ...move.request, confirm: async (what: string) => void asked.push(what) }
    await expect(run(request, nothing)).rejects.toMatchObject({
      code: 'MOVE_REFUSED',
      faults: [{ next: expect.stringContaining(`GRANT ${rights[0]} ON \`app\`.* TO 'wwdb'@'%'`) }],
    })
    expect([move.written, asked]).toEqual([[], []])
  },
)

test('a switch is taken back where the server trusts nobody with triggers any more, as after a restart', async () => {
  const move = moveWith({ untrusted: true }, true)
  expect(await undoMove(move.request)).toMatchObject({ carried: 0 })
  expect(move.triggers.size).toBe(0)
})

test('columns that the move added are not left to the end of the way back: the right to drop them is asked for first', async () => {
  const move = moveWith({ rights: ['ALTER'] }, true)
  const source: typeof move.request.source = {
    ...move.request.source,
    ask: async (text) => (text.includes('COLUMN_COMMENT=') ? [[1]] : move.request.source.ask(text)),
  }
  await expect(undoMove({ ...move.request, source })).rejects.toMatchObject({
    faults: [{ next: expect.stringContaining('GRANT ALTER ON `app`.*') }],
  })
  expect(move.written).toEqual([])
})

test('a table of the keyspace that the user may not read is named before shards are closed, with what gives the right', async () => {
  const move = moveWith({}, false)
  const denied = new ToolError('SERVER_REFUSED', {
    what: 'MySQL refused a statement of wwdb itself (error 1142).',
    why: "Select command denied to user 'wwdb', in groups [], for table 'contacts' (ACL check error).",
  })
  const keyspace = { ...move.request.keyspace, readPage: async () => Promise.reject(denied) }
  await expect(switchWrites({ ...move.request, keyspace })).rejects.toMatchObject({
    faults: [
      {
        why: expect.stringMatching(/`contacts` of `contact_db` cannot be read through vtgate\. Select command denied/),
        next: expect.stringContaining('`readers` of `contacts`'),
      },
    ],
  })
  expect(move.written).toEqual([])
})
