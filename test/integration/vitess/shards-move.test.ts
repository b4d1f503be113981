import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { readWorkflows } from '../../../src/shards/move/read-workflows.ts'
import { readBlocks } from '../../helpers/tool/guide.ts'
import { withStages } from '../../helpers/tool/stage.ts'
import {
  clearMove,
  contentOf,
  keys,
  type MoveStage,
  movePlaces,
  openMoveStage,
} from '../../helpers/vitess/move-stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'

const openStage = withStages()
const vitess = withVitess(movePlaces)

let opened: MoveStage | null = null
afterEach(async () => {
  if (opened !== null) await clearMove(opened)
  opened = null
})

async function open(rows?: number): Promise<MoveStage> {
  opened = await openMoveStage(openStage, vitess(), rows)
  return opened
}

const says = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  (stdout + stderr).replaceAll(/\s+/g, ' ')

async function run(stage: MoveStage, exitCode: number, args: readonly string[]): Promise<string> {
  const ended = await stage.run(args)
  expect(ended.exitCode, `${args.join(' ')}: ${says(ended)}`).toBe(exitCode)
  return says(ended)
}

async function expectEqual(stage: MoveStage): Promise<void> {
  for (const key of keys) {
    const content = contentOf(key)
    expect(await stage.askKeyspace(content.keyspace)).toEqual(await stage.ask(content.shard))
  }
}

/** An application that inserts, changes and deletes rows of the shards until it is refused. */
function startWriter(stage: MoveStage) {
  let [turn, isStopped] = [0, false]
  const errors: string[] = []
  const write = async (): Promise<void> => {
    while (!isStopped) {
      turn += 1
      const table = `contacts_${keys[turn % keys.length]}`
      const texts = [
        `INSERT INTO ${table} (account_id, wxid, nickname, created_at) VALUES (${turn}, 'late${turn}', 'w', '2026-05-06 07:08:09.123')`,
        `UPDATE ${table} SET nickname = 'changed ${turn}', ratio = ratio + 1 ORDER BY id LIMIT 2`,
        `DELETE FROM ${table} ORDER BY id DESC LIMIT 1`,
      ]
      try {
        await stage.ask(texts[turn % 7 < 4 ? 0 : turn % 7 < 6 ? 1 : 2] ?? '')
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error))
        return
      }
    }
  }
  const running = write()
  return {
    turns: () => turn,
    errors,
    stop: async () => {
      isStopped = true
      await running
    },
  }
}

const triggersOf = async (stage: MoveStage): Promise<readonly string[]> =>
  (await stage.ask('SHOW TRIGGERS')).map(([name]) => String(name))

const setSequence = (stage: MoveStage, next: number) =>
  stage.askKeyspace(`UPDATE contact_ids SET next_id = ${next} WHERE id = 0`, 'user_db')

const insert =
  "INSERT INTO contacts (instance_id, account_id, wxid, nickname, raw, created_at) VALUES (12, 7, 'after', 'new''名', X'0027FF', '2026-07-08 00:00:00')"

describeVitess('a family that moves to a keyspace', () => {
  it('is copied while it is written to, switched, and taken back with what the keyspace was given since', {
    timeout: 300_000,
  }, async () => {
    const stage = await open()
    const plan = await run(stage, 0, [...stage.called, '--dry-run'])
    expect(plan).toMatch(/contacts \(3 shards, about \d+ rows\) would be copied to contact_db\.contacts/)
    expect(plan).toContain('3 of 3 shards get the column `instance_id` at once')
    expect(await stage.askKeyspace('SELECT COUNT(*) FROM contacts')).toEqual([[0]])
    expect(await stage.ask("SHOW COLUMNS FROM contacts_12 LIKE 'instance_id'")).toEqual([])

    const writer = startWriter(stage)
    await expect.poll(writer.turns).toBeGreaterThan(5)
    const copied = await stage.json([...stage.called, '--yes'])
    expect(copied.answer).toMatchObject({ kind: 'move', state: 'copied', commands: [] })
    const before = writer.turns()
    await expect.poll(writer.turns).toBeGreaterThan(before + 20)

    expect(await run(stage, 2, [...stage.called, '--switch', '--yes'])).toContain('numbers would be given twice')
    expect(await triggersOf(stage)).toEqual([])
    // The tablet has a block of ten, and still gives its numbers after the UPDATE.
    await stage.askKeyspace('SELECT NEXT VALUE FROM contact_ids', 'user_db')
    await setSequence(stage, 1_000_000)
    expect(await run(stage, 2, [...stage.called, '--switch', '--yes'])).toContain('numbers of the block before')
    expect(await triggersOf(stage)).toEqual([])
    await stage.askKeyspace('SELECT NEXT 10 VALUES FROM contact_ids', 'user_db')
    const switched = await stage.json([...stage.called, '--switch', '--yes'])
    await writer.stop()
    expect(writer.errors).toEqual([expect.stringMatching(/^contacts_\d+ has moved to contact_db\.contacts$/)])
    const { answer } = switched
    expect(answer).toMatchObject({ state: 'switched', shards: keys.map((key) => ({ key, equal: true })) })
    await expectEqual(stage)
    expect(await stage.askKeyspace("SELECT COUNT(*) > 0 FROM contacts WHERE wxid LIKE 'late%'")).toEqual([[1]])
    for (const text of ['DELETE FROM contacts_3', "UPDATE contacts_40 SET nickname = 'x'"])
      await expect(stage.ask(text)).rejects.toThrow('has moved to contact_db.contacts')
    expect(await run(stage, 0, [...stage.called, '--switch', '--yes'])).toContain('nothing was compared now')
    expect(await run(stage, 2, [...stage.called, '--yes'])).toContain('Writes of shards are refused already')

    await stage.askKeyspace(insert)
    await stage.askKeyspace(
      "UPDATE contacts SET nickname = 'there', ratio = 0.1 WHERE instance_id = 3 ORDER BY id LIMIT 4",
    )
    await stage.askKeyspace('DELETE FROM contacts WHERE instance_id = 40 AND id < 20')
    await stage.askKeyspace(
      "INSERT INTO contacts (instance_id, account_id, wxid, created_at) VALUES (77, 7, 'other', NOW())",
    )
    expect(await run(stage, 1, [...stage.called, '--check'])).toContain('with other values')
    // Another vtgate may have another keyspace of the name: its rows must not become those of the shards.
    const other = stage.called.map((word) => word.replace('env:vitess', 'env:other'))
    const refused = await run(stage, 2, [...other, '--undo', '--yes'])
    expect(refused).toContain(`has moved to contact_db.contacts at ${vitess().label}`)
    // Values that a shard takes once, in rows of two shards of the keyspace.
    await stage.askKeyspace("UPDATE contacts SET wxid = 'swapped', account_id = 1 WHERE instance_id = 12 AND id = 30")
    await stage.askKeyspace('ALTER TABLE contacts DROP KEY by_wxid')
    await stage.askKeyspace(
      "INSERT INTO contacts (instance_id, account_id, wxid, created_at) VALUES (12, 1, 'swapped', NOW())",
    )
    expect(await run(stage, 2, [...stage.called, '--undo', '--yes'])).toMatch(
      /equal values of `account_id`, `wxid`, which `contacts_12` takes once: 1, swapped\. Next: Nothing was changed/,
    )
    await stage.askKeyspace("DELETE FROM contacts WHERE wxid = 'swapped' AND id > 1000")
    const undone = await run(stage, 0, [...stage.called, '--undo', '--yes'])
    expect(undone).toMatch(/was taken back from contact_db\.contacts.*\d+ statements brought back/)
    expect(undone).toContain('1 row of `contacts` belong to no shard, and stay there.')
    await expectEqual(stage)
    expect(await triggersOf(stage)).toEqual([])
    expect(await stage.ask("SELECT nickname, HEX(raw), id >= 1000000 FROM contacts_12 WHERE wxid = 'after'")).toEqual([
      ["new'名", '0027FF', 1],
    ])
    expect(await stage.ask("SHOW COLUMNS FROM contacts_12 LIKE 'instance_id'")).toEqual([])
    await stage.ask("UPDATE contacts_3 SET nickname = 'again' LIMIT 1")
  })

  it('is refused where the account lacks a right, with its GRANT, and where the binary log trusts nobody', {
    timeout: 120_000,
  }, async () => {
    const stage = await open(10)
    const schema = '`vt\\_contact\\_mysql\\_0`.*'
    await stage.ask("CREATE USER 'mover'@'%' IDENTIFIED BY 'another'")
    try {
      await stage.ask(`GRANT SELECT, INSERT ON ${schema} TO 'mover'@'%'`)
      const planned = [...stage.called, '--env', 'limited', '--dry-run']
      const untrusted = await run(stage, 2, planned)
      expect(untrusted).toContain(`GRANT UPDATE, DELETE, CREATE, ALTER ON ${schema} TO 'mover'@'%'`)
      expect(untrusted).toContain("The server creates no trigger for `'mover'@'%'`")
      // A right on a table is one, too.
      await stage.ask("GRANT DELETE ON contacts_3 TO 'mover'@'%'")
      await stage.ask('SET GLOBAL log_bin_trust_function_creators = ON')
      expect(await run(stage, 2, planned)).toContain(`GRANT UPDATE, CREATE, TRIGGER, ALTER ON ${schema} TO 'mover'@'%'`)
      expect(await run(stage, 2, [...stage.called, '--env', 'limited', '--yes'])).toContain('Nothing was written')
      expect(await stage.ask("SHOW TABLES LIKE 'wwdb_probe%'")).toEqual([])
      expect(await stage.ask("SHOW COLUMNS FROM contacts_12 LIKE 'instance_id'")).toEqual([])
      // A role gives rights as well, once it is active.
      await stage.ask("CREATE ROLE 'moving'")
      await stage.ask(`GRANT UPDATE, DELETE, CREATE, TRIGGER, ALTER ON ${schema} TO 'moving'`)
      await stage.ask("GRANT 'moving' TO 'mover'@'%'")
      await stage.ask("SET DEFAULT ROLE 'moving' TO 'mover'@'%'")
      expect(await run(stage, 0, planned)).toContain('would be copied')
      // All of it is done with these rights and no others, and the way back also where the server trusts nobody any more.
      await setSequence(stage, 5000)
      const limited = [...stage.called, '--env', 'limited', '--yes']
      await run(stage, 0, limited)
      await run(stage, 0, [...limited, '--switch'])
      await stage.ask('SET GLOBAL log_bin_trust_function_creators = OFF')
      expect(await run(stage, 0, [...limited, '--undo'])).toContain('was taken back')
      expect(await triggersOf(stage)).toEqual([])
    } finally {
      await stage.ask('SET GLOBAL log_bin_trust_function_creators = OFF')
      await stage.ask("DROP ROLE IF EXISTS 'moving'")
      await stage.ask("DROP USER 'mover'@'%'")
    }
  })

  it('asks the vtctld of the configuration, unless a flag names another, and compares each kind of tablet', {
    timeout: 120_000,
  }, async () => {
    const stage = await open(10)
    const planned = [...stage.move.map((word) => (word === 'env:vitess' ? 'env:called' : word)), '--dry-run']
    const { answer } = await stage.json(planned, { environment: { PATH: '/nowhere' } })
    expect(answer).toMatchObject({ state: 'planned', commands: [] })
    expect(JSON.stringify(answer)).toContain('No tablet of `contact_mysql` is of the kind `replica` now')
    expect(await run(stage, 2, [...planned, '--vtctldclient', '/nowhere/client'])).toMatch(
      /`\/nowhere\/client` is not a program.*Correct `--vtctldclient`.*`--vtctld none`/,
    )
    // A comparison asks no vtctld, and a copy is given up without it where it is down.
    const moved = planned.slice(0, -1)
    expect(await run(stage, 0, [...moved, '--vtctld', 'none', '--dry-run'])).toContain('Create all workflows')
    expect(await run(stage, 1, [...moved, '--vtctldclient', '/nowhere/client', '--check'])).toContain(
      'was compared with',
    )
    const undone = await run(stage, 0, [...moved, '--vtctld', 'none', '--undo', '--yes'])
    expect(undone).toContain(`--server ${vitess().vtctld.address} Workflow --keyspace contact_db delete`)
    const client = join(stage.folder, 'client')
    writeFileSync(client, '#!/bin/sh\necho "It was asked $*" >&2\nexit 1\n', { mode: 0o755 })
    expect(await run(stage, 2, [...planned, '--vtctld', 'elsewhere:1', '--vtctldclient', client])).toContain(
      'It was asked --server elsewhere:1 GetWorkflows contact_db',
    )
    const failed = await run(stage, 2, [...moved, '--vtctldclient', client, '--undo', '--yes'])
    expect(failed).toMatch(/at `databases\.contact_db\.vitess\.vtctld`, and run the command again.*`--vtctld none`/)
    expect(await run(stage, 2, [...planned, '--tablet-types', 'replcia,primary'])).toContain(
      '`replcia` is not a kind of tablet',
    )
    expect(await run(stage, 2, [...planned, '--vtctld', 'none', '--tablet-types', 'replcia,primary'])).toContain(
      '`replcia` is not a kind of tablet. Vitess has `primary`',
    )
  })

  it('leaves a workflow of another table alone, and names it', { timeout: 120_000 }, async () => {
    const stage = await open(10)
    await setSequence(stage, 5000)
    await run(stage, 0, [...stage.called, '--yes'])
    const before = await stage.vtctld('GetWorkflows', 'contact_db', '--show-all', '--include-logs=false')
    await stage.askKeyspace('CREATE TABLE others LIKE contacts')
    try {
      await stage.askKeyspace('ALTER VSCHEMA ON others ADD VINDEX by_instance (instance_id)')
      await stage.askKeyspace('ALTER VSCHEMA ON others ADD AUTO_INCREMENT id USING user_db.contact_ids')
      for (const flag of ['--dry-run', '--switch', '--undo'])
        expect(await run(stage, 2, [...stage.called, '--table-name', 'others', flag, '--yes'])).toContain(
          '`wwdb_move_contacts_3` is not of this move: it writes to `contacts`, and not to `others` alone.',
        )
      const namesOf = (text: string) =>
        readWorkflows(text)
          .map(({ name }) => name)
          .toSorted()
      const after = await stage.vtctld('GetWorkflows', 'contact_db', '--show-all', '--include-logs=false')
      expect(namesOf(after)).toEqual(namesOf(before))
      expect(await stage.ask("SHOW COLUMNS FROM contacts_12 LIKE 'instance_id'")).toHaveLength(1)
    } finally {
      await stage.askKeyspace('DROP TABLE others')
      await stage.askKeyspace('ALTER VSCHEMA ON others DROP AUTO_INCREMENT')
      await stage.askKeyspace('ALTER VSCHEMA ON others DROP VINDEX by_instance')
    }
  })

  it('is moved by the commands of the page, word for word', { timeout: 240_000 }, async () => {
    const stage = await open(40)
    await setSequence(stage, 5000)
    const { address, client } = vitess().vtctld
    const lines = readBlocks('docs/guides/vitess.md')
      .filter(({ language, text }) => language === 'sh' && text.includes('shards move'))
      .flatMap(({ text }) => text.trim().split('\n'))
    expect(lines).toHaveLength(5)
    for (const line of lines) {
      const words = line.replace('vtctld:15999', `${address} --vtctldclient ${client}`).split(' ').slice(1)
      await run(stage, 0, [...words, '--yes'])
    }
    expect(await triggersOf(stage)).toEqual([])
  })
})
