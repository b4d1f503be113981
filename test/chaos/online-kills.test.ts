import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc } from '../helpers/operate/pt-osc.ts'
import { standInFor } from '../helpers/operate/stand-in.ts'
import { isAvailable, type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { chaosTools, describeKill, type OnlineKill, surviveOnline } from './support/online-history.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'

const launcher = withFrozenTool()
console.error(`Chaos of online changes: seed ${seed}; SOAK_SEED=${seed} repeats it`)

const places = [
  ['9.7', 'pt-osc', isSoak ? 18 : 6],
  ['8.0', 'pt-osc', isSoak ? 12 : 3],
  ['9.7', 'gh-ost', isSoak ? 22 : 4],
  ['9.7', 'spirit', isSoak ? 22 : 2],
] as const

describe.each(places.filter(([, tool]) => tool !== 'pt-osc' || isAvailable('pt-osc')))(
  'on MySQL %s, by %s',
  (version, tool, wanted) => {
    let server: OwnServer
    let environment: Readonly<Record<string, string>> = {}
    let remove = async (): Promise<void> => undefined
    const onlineKills: readonly OnlineKill[] = chaosTools[tool].kills

    beforeAll(async () => {
      server = await startServer({ version })
      if (tool !== 'pt-osc') {
        const standIn = await standInFor(tool)
        environment = standIn.variables
        remove = standIn.remove
      } else environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
    })
    afterAll(async () => {
      await server?.stop()
      await remove()
    })

    test('an online change that is killed is made exactly once, and no row is lost or doubled', {
      timeout: longest,
    }, async () => {
      const problems: string[] = []
      let killed = 0
      const first = Math.floor(randomFrom(seed)() * onlineKills.length)
      for (let number = 1; killed < wanted && number <= 2 * wanted; number += 1) {
        const random = randomFrom(seed * 1000 + number)
        const begun = onlineKills[(first + number) % onlineKills.length]
        // In one of four, the run that goes on is killed as well.
        const second = onlineKills[Math.floor(random() * 4 * onlineKills.length)]
        const kills = [begun, second].filter((one): one is OnlineKill => one !== undefined)
        const found = await surviveOnline({ server, launcher: launcher(), environment }, kills, random, tool)
        killed += found.killed
        const what = `history ${number} (${kills.map(describeKill).join(', then ')})`
        if (isSoak) console.error(`MySQL ${version}, ${tool}, seed ${seed}: ${killed} kills after ${what}`)
        problems.push(...found.problems.map((problem) => `${what}: ${problem}`))
      }
      console.error(`MySQL ${version}, ${tool}, seed ${seed}: ${killed} kills; ${problems.length} problems`)
      expect(problems).toEqual([])
      expect(killed).toBeGreaterThanOrEqual(wanted)
    })
  },
)
