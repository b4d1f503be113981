import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

describeVitess('`db wait` before a vtgate that is not there yet', () => {
  it('ends when it answers, and with its refusal when the time is up', { timeout: 120_000 }, async () => {
    const stage = await openVitessStage(openStage, vitess(), { files: {} })
    const restarted = vitess().restart()
    await expect.poll(() => answers(vitess().port), { timeout: 20_000, interval: 20 }).toBe(false)
    const waited = await stage.run(['db', 'wait', '--timeout', '60s'])
    await restarted
    expect([waited.exitCode, waited.stdout], waited.stderr).toEqual([0, expect.stringContaining('message_db')])

    const away = { url: 'mysql://root@127.0.0.1:1', vitess: { journal: 'user_db' } }
    const databases = { user_db: { vitess: { journal: 'user_db' } }, message_db: away }
    const gone = await openVitessStage(openStage, vitess(), { files: {}, configuration: { databases } })
    const late = await gone.run(['db', 'wait', '--timeout', '1s'])
    expect([late.exitCode, late.stderr]).toEqual([69, expect.stringContaining('UNREACHABLE')])
  })
})
