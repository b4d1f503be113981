import { createConnection } from 'mysql2/promise'
import { afterAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer, testServerOf } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withStages } from '../helpers/tool/stage.ts'
import { firstFile } from './support/counting-files.ts'
import { RecordHistory } from './support/record-history.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'

const openStage = withStages()
console.error(`Histories of records: seed ${seed}; SOAK_SEED=${seed} repeats them`)

/** Sixty in a soak, half of them on each version. */
const histories = isSoak ? 30 : 3
const steps = isSoak ? 16 : 8

const own: OwnServer[] = []
afterAll(async () => {
  for (const server of own) await server.stop()
})

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  test('no history of restored, lost and damaged records, renamed families, other headers, clocks and servers loses a row, runs a statement twice, or makes a summary untrue', {
    timeout: longest,
  }, async () => {
    const { url: exact } = await testServerOf(version)
    const flags = ['--lower-case-table-names=1']
    const server = await startServer({ version, flags, initialFlags: flags })
    own.push(server)
    const counts = { refused: 0, moves: 0 }
    for (let at = 0; at < histories; at += 1) {
      const stage = await openStage({ url: exact, files: { 'app/0001_first.sql': firstFile } })
      const connection = await createConnection({ uri: server.url })
      await connection.query(`CREATE DATABASE \`${stage.schema('app')}\``)
      await connection.end()
      const number = seed + at * 7919 + (version === '9.7' ? 0 : 104_729)
      const history = new RecordHistory(stage, { exact, folded: server.url }, randomFrom(number))
      await history.play(steps)
      counts.refused += history.refused
      counts.moves += history.moves
      console.error(`Histories of records on MySQL ${version}: ${at + 1} of ${histories}, ${JSON.stringify(counts)}`)
    }
    if (isSoak) expect(counts.moves).toBeGreaterThan(0)
  })
})
