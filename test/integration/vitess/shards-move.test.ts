import { afterEach, expect, it } from 'vitest'
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

describeVitess('a family that moves to a keyspace', () => {
  it('is copied while it is written to, switched, and taken back with what the keyspace was given since', {
    timeout: 300_000,
  }, async () => {
    const stage = await open()
    console.log(await run(stage, 0, [...stage.called, '--dry-run']))
    console.log(await run(stage, 0, [...stage.called, '--yes']))
    await expectEqual(stage)
  })
})
