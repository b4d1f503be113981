import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { type Victim, victims } from './support/batch-history.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'
import { surviveUndo, undoSets } from './support/undo-history.ts'

const launcher = withFrozenTool()
console.error(`Chaos of undo: seed ${seed}; SOAK_SEED=${seed} repeats it`)

const histories = isSoak ? 20 : 1

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(async () => {
    await server?.stop()
  })

  test.each(undoSets)(
    'a batch on $name and its undo, killed again and again, put back each row once, with a writer beside them',
    {
      timeout: longest,
    },
    async (set) => {
      const problems: string[] = []
      let killed = 0
      for (let number = 1; number <= histories; number += 1) {
        const random = randomFrom(seed * 1000 + number)
        const kills = Array.from(
          { length: 3 },
          (_, at): Victim => victims[(at + Math.floor(random() * 3)) % 3] ?? 'runner',
        )
        const found = await surviveUndo({ server, launcher: launcher() }, set, kills, random)
        killed += found.killed
        problems.push(...found.problems.map((problem) => `history ${number} (${kills.join(', ')}): ${problem}`))
        if (found.undone === 0) problems.push(`history ${number}: nothing was put back`)
      }
      console.error(
        `MySQL ${version}, ${set.name}, seed ${seed}: ${killed} kills in ${histories} histories; ${problems.length} problems`,
      )
      expect(problems).toEqual([])
      // A run that was quicker than its moment was not killed.
      expect(killed).toBeGreaterThan(histories)
    },
  )
})
