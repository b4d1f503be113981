import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'
import { runUnharmedCommand, surviveCommand, type Unharmed } from './support/survive-command.ts'
import { type WritingCommand, writingCommands } from './support/writing-commands.ts'

const launcher = withFrozenTool()
console.error(
  `Chaos of all commands: seed ${seed}; SOAK_SEED=${seed} repeats it, SOAK_KILL=NUMBERS single kills of it, SOAK_COMMAND=WORDS those of such commands`,
)

/** In a soak a hundred; otherwise a few, others in each run. */
const kills = isSoak ? 100 : 4
const drawn = writingCommands.filter(({ name }) => name.includes(env['SOAK_COMMAND'] ?? ''))

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  let server: OwnServer
  const unharmed = new Map<WritingCommand, Unharmed>()

  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(async () => {
    await server?.stop()
  })

  test('a command that is drawn and killed at an instant that is drawn is finished by the next run', {
    timeout: longest,
  }, async () => {
    const place = { server, launcher: launcher() }
    const only = env['SOAK_KILL']?.split(',').map(Number)
    const problems: string[] = []
    const tally = new Map<string, number>()
    for (let number = 1; number <= kills; number += 1) {
      if (only?.includes(number) === false) continue
      // Each kill follows from the seed and its number alone.
      const random = randomFrom(seed * 1000 + number)
      const command = drawn[Math.floor(random() * drawn.length)]
      if (command === undefined) throw new Error('no command')
      const reference = unharmed.get(command) ?? (await runUnharmedCommand(place, command))
      unharmed.set(command, reference)
      const moment = 1 + Math.floor(random() * reference.moments)
      const found = await surviveCommand(place, command, reference, moment)
      tally.set(command.name, (tally.get(command.name) ?? 0) + 1)
      for (const problem of found) console.error(`kill ${number}: ${problem}`)
      problems.push(...found.map((problem) => `kill ${number}: ${problem}`))
    }
    const counts = [...tally].map(([name, count]) => `${name} ${count}`).join(', ')
    console.error(`MySQL ${version}, seed ${seed}: killed ${counts}; ${problems.length} problems`)
    expect(problems).toEqual([])
  })
})
