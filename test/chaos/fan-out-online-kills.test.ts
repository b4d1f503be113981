import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc } from '../helpers/operate/pt-osc.ts'
import { standInFor } from '../helpers/operate/stand-in.ts'
import { isAvailable, type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { drawKey, type FamilyKill, surviveFamily } from './support/online-family.ts'
import { chaosTools, describeKill, type OnlineKill } from './support/online-history.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'

const launcher = withFrozenTool()
console.error(`Chaos of online changes of shards: seed ${seed}; SOAK_SEED=${seed} repeats it`)

const places = [
  ['9.7', 'pt-osc', isSoak ? 12 : 3],
  ['8.0', 'pt-osc', isSoak ? 6 : 1],
  ['9.7', 'gh-ost', isSoak ? 11 : 2],
] as const

describe.each(places.filter(([, tool]) => tool !== 'pt-osc' || isAvailable('pt-osc')))(
  'on MySQL %s, by %s',
  (version, tool, wanted) => {
    let server: OwnServer
    let environment: Readonly<Record<string, string>> = {}
    let remove = async (): Promise<void> => undefined
    const all: readonly OnlineKill[] = chaosTools[tool].kills

    beforeAll(async () => {
      server = await startServer({ version })
      if (tool === 'gh-ost') {
        const standIn = await standInFor('gh-ost')
        environment = standIn.variables
        remove = standIn.remove
      } else environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
    })
    afterAll(async () => {
      await server?.stop()
      await remove()
    })

    test('an online change of every shard that is killed is made exactly once on each, and no row is lost or doubled', {
      timeout: longest,
    }, async () => {
      const problems: string[] = []
      let killed = 0
      const first = Math.floor(randomFrom(seed)() * all.length)
      for (let number = 1; killed < wanted && number <= 2 * wanted; number += 1) {
        const random = randomFrom(seed * 1000 + number)
        const begun = all[(first + number) % all.length]
        // In one of three, the run that goes on is killed as well, at the same shard or a later one.
        const second = all[Math.floor(random() * 3 * all.length)]
        const kills: readonly FamilyKill[] = [begun, second]
          .filter((one): one is OnlineKill => one !== undefined)
          .map((one) => ({ ...one, key: drawKey(random) }))
        const found = await surviveFamily({ server, launcher: launcher(), environment }, kills, random, tool)
        killed += found.killed
        const what = `history ${number} (${kills.map((one) => `${describeKill(one)} of shard ${one.key}`).join(', then ')})`
        if (isSoak) console.error(`MySQL ${version}, ${tool}, seed ${seed}: ${killed} kills after ${what}`)
        problems.push(...found.problems.map((problem) => `${what}: ${problem}`))
      }
      console.error(`MySQL ${version}, ${tool}, seed ${seed}: ${killed} kills; ${problems.length} problems`)
      expect(problems).toEqual([])
      expect(killed).toBeGreaterThanOrEqual(wanted)
    })
  },
)
