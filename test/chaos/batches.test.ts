import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { codeSet, plainSet, shardedSet, surviveBatch, type Victim, victims } from './support/batch-history.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'

const launcher = withFrozenTool()
console.error(`Chaos of batches: seed ${seed}; SOAK_SEED=${seed} repeats it`)

/** In a soak 200 kills on both versions together, three in each history; otherwise eighteen. */
const histories = isSoak ? 36 : 3

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(async () => {
    await server?.stop()
  })

  test('a batch that is killed again and again changes each row exactly once, with writers beside it', {
    timeout: longest,
  }, async () => {
    const problems: string[] = []
    let killed = 0
    for (let number = 1; number <= histories; number += 1) {
      const random = randomFrom(seed * 1000 + number)
      const kills = Array.from(
        { length: 3 },
        (_, at): Victim => victims[(at + Math.floor(random() * 3)) % 3] ?? 'runner',
      )
      const set = [plainSet, shardedSet, codeSet][(number - 1) % 3] ?? plainSet
      const found = await surviveBatch({ server, launcher: launcher() }, set, kills, random)
      killed += found.killed
      if (isSoak) console.error(`MySQL ${version}, seed ${seed}: ${killed} kills after history ${number}`)
      problems.push(
        ...found.problems.map((problem) => `history ${number} on ${set.name} (${kills.join(', ')}): ${problem}`),
      )
    }
    console.error(
      `MySQL ${version}, seed ${seed}: ${killed} kills in ${histories} histories; ${problems.length} problems`,
    )
    expect(problems).toEqual([])
    // A run that was quicker than its moment was not killed.
    expect(killed).toBeGreaterThan(histories)
  })
})
