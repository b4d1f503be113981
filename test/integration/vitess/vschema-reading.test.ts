import { createConnection, type Connection as Raw, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeEach, expect, it } from 'vitest'
import type { Asker } from '../../../src/mysql/connection.ts'
import { readVschema } from '../../../src/mysql/vschema.ts'
import { renderVschema } from '../../../src/sql/vschema.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces } from '../../helpers/vitess/vitess-stage.ts'

const vitess = withVitess()
const opened: Raw[] = []
afterAll(() => {
  for (const one of opened) one.destroy()
})

async function connect(keyspace: string): Promise<Asker> {
  const raw = await createConnection({ uri: `${vitess().url}/${keyspace}`, rowsAsArray: true })
  opened.push(raw)
  return {
    ask: async (text) => {
      const [answer] = await raw.query<RowDataPacket[]>(text)
      return { rows: Array.isArray(answer) ? (answer as never) : [], affected: null, insertId: null, warningCount: 0 }
    },
  }
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('the VSchema of a keyspace', () => {
  it('is read and made again by its own statements', async () => {
    const [users, messages] = [await connect('user_db'), await connect('message_db')]
    await users.ask("CREATE TABLE ids (id INT PRIMARY KEY, next_id BIGINT, cache BIGINT) COMMENT 'vitess_sequence'")
    await users.ask('CREATE TABLE plain (id INT PRIMARY KEY)')
    await users.ask('ALTER VSCHEMA ADD SEQUENCE ids')
    await messages.ask('CREATE TABLE messages (id BIGINT PRIMARY KEY, sender BIGINT, code BIGINT)')
    await messages.ask('CREATE TABLE letters (id BIGINT PRIMARY KEY)')
    await messages.ask('ALTER VSCHEMA ON messages ADD VINDEX by_sender (sender) USING xxhash')
    await messages.ask(
      'ALTER VSCHEMA CREATE VINDEX by_code USING consistent_lookup WITH owner=messages, table=user_db.codes, `from`=`code,id`, `to`=keyspace_id',
    )
    await messages.ask('ALTER VSCHEMA ON messages ADD VINDEX by_code (code, id)')
    await messages.ask('ALTER VSCHEMA ON messages ADD AUTO_INCREMENT id USING user_db.ids')
    await messages.ask('ALTER VSCHEMA ON letters ADD VINDEX by_sender (id)')
    await messages.ask('ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids')

    await expect
      .poll(async () => renderVschema(await readVschema(messages, 'message_db')), { timeout: 20_000 })
      .toEqual([
        'ALTER VSCHEMA CREATE VINDEX `by_code` USING `consistent_lookup` WITH `owner`=messages, `from`=`code,id`, `table`=user_db.codes, `to`=keyspace_id',
        'ALTER VSCHEMA CREATE VINDEX `by_sender` USING `xxhash`',
        'ALTER VSCHEMA ON `letters` ADD VINDEX `by_sender` (`id`)',
        'ALTER VSCHEMA ON `messages` ADD VINDEX `by_sender` (`sender`)',
        'ALTER VSCHEMA ON `messages` ADD VINDEX `by_code` (`code`, `id`)',
        'ALTER VSCHEMA ON `letters` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`',
        'ALTER VSCHEMA ON `messages` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`',
      ])
    // Nothing tells a plain table from one that was added to the VSchema.
    expect(renderVschema(await readVschema(users, 'user_db'))).toEqual(['ALTER VSCHEMA ADD SEQUENCE `ids`'])

    const before = await readVschema(messages, 'message_db')
    const texts = renderVschema(before)
    await clearKeyspaces(vitess())
    await expect
      .poll(async () => renderVschema(await readVschema(messages, 'message_db')), { timeout: 20_000 })
      .toEqual([])
    await users.ask('ALTER VSCHEMA ADD SEQUENCE ids')
    for (const text of texts) await messages.ask(text)
    await expect.poll(() => readVschema(messages, 'message_db'), { timeout: 20_000 }).toEqual(before)
  })
})
