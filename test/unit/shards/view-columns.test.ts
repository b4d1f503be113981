import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import type { ErrorCode } from '../../../src/core/error-codes.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { renewColumns } from '../../../src/shards/family-view.ts'
import { periodFamily } from '../../helpers/shards/families.ts'

const family = periodFamily('messages', 'month', { view: { name: 'messages_recent', periods: 1 } })

/** A store whose view lacks a column, and refuses to be made anew. */
const refusing = (code: ErrorCode) => ({
  target: { database: 'message_db', schema: 'message_db', server: 'db:3306' },
  readViewTables: async () => ['messages_202601'],
  readColumns: async (table: string) => (table === 'messages_recent' ? ['id'] : ['id', 'text']),
  createView: () => Promise.reject(new ToolError(code, { what: 'It is refused.' })),
})

test('a view in use is a warning once the shards are complete; anything else ends the run', async () => {
  const events: RunEvent[] = []
  await renewColumns(refusing('SHARD_BLOCKED'), family, (event) => events.push(event))
  expect(events).toMatchObject([
    { type: 'warning', message: expect.stringContaining('The view of `messages` is in use') },
  ])
  const lost = renewColumns(refusing('LOCK_LOST'), family, (event) => events.push(event))
  await expect(lost).rejects.toMatchObject({ code: 'LOCK_LOST' })
  expect(events).toHaveLength(1)
})
