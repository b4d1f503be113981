import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterEach, expect, it } from 'vitest'
import { withStages } from '../helpers/tool/stage.ts'
import { clearMove, contentOf, keys, type MoveStage, movePlaces, openMoveStage } from '../helpers/vitess/move-stage.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'

const openStage = withStages()
const vitess = withVitess(movePlaces)

let opened: MoveStage | null = null
afterEach(async () => {
  if (opened !== null) await clearMove(opened)
  opened = null
})

async function open(): Promise<MoveStage> {
  opened = await openMoveStage(openStage, vitess())
  await opened.askKeyspace('UPDATE contact_ids SET next_id = 5000 WHERE id = 0', 'user_db')
  return opened
}

async function run(stage: MoveStage, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await stage.run([...stage.called, '--yes', ...args])
  expect([exitCode, stdout], stderr).toEqual([0, expect.anything()])
}

async function expectEqual(stage: MoveStage): Promise<void> {
  for (const key of keys) {
    const content = contentOf(key)
    expect(await stage.askKeyspace(content.keyspace)).toEqual(await stage.ask(content.shard))
  }
}

/** A client that waits where it is asked these words for the second time, until the file is gone. */
function waitingClient(stage: MoveStage, words: string) {
  const [file, gate, waits] = ['client', 'gate', 'waits'].map((name) => join(stage.folder, name))
  if (file === undefined || gate === undefined || waits === undefined) throw new Error('there are three names')
  writeFileSync(gate, '')
  writeFileSync(
    file,
    `#!/bin/sh
case "$*" in *"${words}"*)
  if [ -e ${file}.once ] && [ -e ${gate} ]; then touch ${waits}; while [ -e ${gate} ]; do sleep 0.05; done; exit 1; fi
  touch ${file}.once;;
esac
exec ${vitess().vtctld.client} "$@"
`,
  )
  chmodSync(file, 0o755)
  return { file, isWaiting: () => existsSync(waits), release: () => rmSync(gate, { force: true }) }
}

async function killAt(stage: MoveStage, words: string): Promise<void> {
  const client = waitingClient(stage, words)
  try {
    const tool = stage.start([...stage.called.slice(0, -1), client.file, '--yes'])
    await expect.poll(client.isWaiting, { timeout: 60_000 }).toBe(true)
    tool.child.kill('SIGKILL')
    await tool.ended
  } finally {
    client.release()
  }
}

describeVitess('a move that is killed', () => {
  for (const words of ['create --source-keyspace', 'update --workflow', 'VDiff --workflow'])
    it(`goes on where it was killed at the second \`${words}\``, { timeout: 240_000 }, async () => {
      const stage = await open()
      await killAt(stage, words)
      await stage.ask("INSERT INTO contacts_40 (account_id, wxid, created_at) VALUES (99, 'between', NOW())")
      await run(stage, [])
      await run(stage, ['--switch'])
      await expectEqual(stage)
      expect(await stage.askKeyspace("SELECT instance_id FROM contacts WHERE wxid = 'between'")).toEqual([[40]])
      await run(stage, ['--undo'])
    })

  it.each(['--switch', '--undo'])(
    'between two shards of its switch loses no row with %s',
    {
      timeout: 240_000,
    },
    async (flag) => {
      const stage = await open()
      await run(stage, [])
      const mysql = vitess().shards.get('contact_mysql/0')
      const reader = await createConnection({ uri: `${mysql?.url}/vt_contact_mysql_0` })
      await reader.query('START TRANSACTION')
      await reader.query('SELECT 1 FROM contacts_40')
      const tool = stage.start([...stage.called, '--switch', '--yes'])
      const triggers = async (): Promise<number> => (await stage.ask('SHOW TRIGGERS')).length
      await expect.poll(triggers, { timeout: 60_000 }).toBeGreaterThanOrEqual(6)
      tool.child.kill('SIGKILL')
      await tool.ended
      await reader.end()
      await stage.ask("INSERT INTO contacts_40 (account_id, wxid, created_at) VALUES (99, 'newest', NOW())")
      // Rows that the keyspace may not have yet are not taken from the shards.
      const { answer } = await stage.json([...stage.called, flag, '--yes'])
      expect(answer).toMatchObject({ carried: null, state: flag === '--undo' ? 'undone' : 'switched' })
      expect(await stage.ask("SELECT wxid FROM contacts_40 WHERE wxid = 'newest'")).toEqual([['newest']])
      if (flag === '--switch') await expectEqual(stage)
      else expect(await triggers()).toBe(0)
    },
  )

  it('carries the rest back where it was killed on its way back', { timeout: 240_000 }, async () => {
    const stage = await open()
    await run(stage, [])
    await run(stage, ['--switch'])
    await stage.askKeyspace("UPDATE contacts SET nickname = 'there' WHERE instance_id IN (3, 40) AND id < 200")
    const mysql = vitess().shards.get('contact_mysql/0')
    const writer = await createConnection({ uri: `${mysql?.url}/vt_contact_mysql_0` })
    await writer.query('START TRANSACTION')
    await writer.query('SELECT 1 FROM contacts_40 WHERE id = 5 FOR UPDATE')
    const tool = stage.start([...stage.called, '--undo', '--yes'])
    const first = () => stage.ask("SELECT COUNT(*) FROM contacts_3 WHERE nickname = 'there'")
    await expect.poll(first, { timeout: 60_000 }).toEqual([[199]])
    tool.child.kill('SIGKILL')
    await tool.ended
    await writer.end()
    await expect(stage.ask('DELETE FROM contacts_40')).rejects.toThrow('has moved')
    await run(stage, ['--undo'])
    await expectEqual(stage)
    expect(await stage.ask('SHOW TRIGGERS')).toEqual([])
  })
})
