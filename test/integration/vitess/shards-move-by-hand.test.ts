import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { env } from 'node:process'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { isCopied } from '../../../src/shards/move/move-family.ts'
import { readVdiff, readWorkflows } from '../../../src/shards/move/read-workflows.ts'
import { showWorkflows } from '../../../src/shards/move/workflow-commands.ts'
import { withStages } from '../../helpers/tool/stage.ts'
import { clearMove, keys, type MoveStage, movePlaces, openMoveStage } from '../../helpers/vitess/move-stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'

const openStage = withStages()
const vitess = withVitess(movePlaces)

let opened: MoveStage | null = null
afterEach(async () => {
  if (opened !== null) await clearMove(opened)
  opened = null
})

/** As a person does where vtctldclient is. */
async function shell(line: string): Promise<string> {
  const { client } = vitess().vtctld
  const ran = await promisify(execFile)('sh', ['-c', line], { env: { PATH: `${dirname(client)}:${env['PATH']}` } })
  return ran.stdout
}

interface Step {
  readonly where: 'sql' | 'shell'
  readonly lines: readonly string[]
}

async function follow(stage: MoveStage, steps: readonly Step[]): Promise<readonly string[]> {
  const printed: string[] = []
  for (const { where, lines } of steps)
    for (const line of lines) {
      if (where === 'sql') await stage.ask(line)
      else printed.push(await shell(line))
      if (line.includes(showWorkflows('contact_db').join(' ')))
        await expect.poll(async () => readWorkflows(await shell(line)).every(isCopied), { timeout: 60_000 }).toBe(true)
      if (/VDiff .* show /.test(line))
        await expect.poll(async () => readVdiff(await shell(line))?.state, { timeout: 60_000 }).toBe('completed')
    }
  return printed
}

describeVitess('a family that is moved with commands that a person runs', () => {
  it('is copied by what is printed, word for word, and switched and taken back without vtctldclient', {
    timeout: 200_000,
  }, async () => {
    opened = await openMoveStage(openStage, vitess())
    const stage = opened
    const { address } = vitess().vtctld
    await stage.askKeyspace('UPDATE contact_ids SET next_id = 5000 WHERE id = 0', 'user_db')
    // With an address and without the program, the address is in the commands.
    const planned = await stage.json([...stage.move, '--vtctld', address], { environment: { PATH: '/nowhere' } })
    expect(planned.answer).toMatchObject({ kind: 'move', state: 'planned' })
    const steps = (planned.answer as unknown as { readonly commands: readonly Step[] }).commands
    expect(steps.map(({ where, lines }) => [where, lines.length])).toEqual([
      ['sql', 3],
      ['shell', 1],
      ['shell', 3],
      ['shell', 3],
      ['shell', 1],
      ['shell', 6],
    ])
    expect(
      (
        await stage.run([
          'shards',
          'move',
          '--family',
          'contacts',
          '--to',
          'env:vitess',
          '--column',
          'instance_id',
          '--check',
        ])
      ).exitCode,
    ).toBe(1)
    const printed = await follow(stage, steps)
    expect(printed.join('')).not.toMatch(/spare/)
    expect(readVdiff(await shell(steps.at(-1)?.lines.at(-1) ?? ''))).toMatchObject({ hasMismatch: false, rows: 300 })
    await stage.ask("INSERT INTO contacts_12 (account_id, wxid, created_at) VALUES (99, 'hand', NOW())")

    const switched = await stage.json([...stage.move, '--vtctld', address, '--switch', '--yes'], {
      environment: { PATH: '/nowhere' },
    })
    expect(switched.answer).toMatchObject({ state: 'switched', shards: keys.map((key) => ({ key, equal: true })) })
    await expect(stage.ask('DELETE FROM contacts_12')).rejects.toThrow('has moved')
    const left = (switched.answer as unknown as { readonly commands: readonly Step[] }).commands
    await follow(stage, left)
    expect(readWorkflows(await shell(`vtctldclient --server ${address} GetWorkflows contact_db --show-all`))).toEqual(
      [],
    )

    await stage.askKeyspace("UPDATE contacts SET wxid = 'there' WHERE instance_id = 40 AND id = 7")
    expect(await stage.run([...stage.move, '--undo', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await stage.ask("SELECT id FROM contacts_40 WHERE wxid = 'there'")).toEqual([[7]])
    expect((await stage.run([...stage.move, '--check'])).exitCode).toBe(0)
  })
})
