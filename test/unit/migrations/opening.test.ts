import { expect, test } from 'vitest'
import type { JournalSnapshot, ServerPort, Session } from '../../../src/migrations/ports.ts'
import { abandonOpening, askJournals, beginOpening } from '../../../src/migrations/targets.ts'
import { configOf, migrationOf, passOf } from '../../helpers/engine.ts'

/** Servers whose sessions have this journal, opened when `ready` says so; `closed` counts them as they are closed. */
function serversWith(passes: JournalSnapshot['passes'], ready: Promise<void>) {
  const closed: string[] = []
  const servers = {
    open: async ({ name }) => {
      await ready
      const snapshot: JournalSnapshot = { exists: true, passes, rows: [], settings: new Map() }
      return {
        readJournal: async () => snapshot,
        close: async () => void closed.push(name),
      } as Partial<Session> as Session
    },
  } as Partial<ServerPort> as ServerPort
  return { servers, closed }
}

function begin(servers: ServerPort) {
  const config = configOf(['app'])
  return beginOpening({ config, databases: config.databases, servers, writable: true })
}

const applied = passOf(migrationOf('app/1'), 1, { checksum: 'same' })
const partial = passOf(migrationOf('app/2'), 2, { checksum: 'same', closed: 1 })

test('a journal knows what was applied, from which file', async () => {
  const { servers } = serversWith([applied, partial], Promise.resolve())
  const isApplied = await askJournals(begin(servers), 10_000)
  expect(isApplied('app', '1', 'same')).toBe(true)
  expect(isApplied('app', '1', 'other')).toBe(false)
  expect(isApplied('app', '2', 'same')).toBe(false)
  expect(isApplied('other', '1', 'same')).toBe(false)
})

test('a server that is late, or not there, knows nothing', async () => {
  const late = serversWith([applied], new Promise(() => {}))
  expect((await askJournals(begin(late.servers), 1))('app', '1', 'same')).toBe(false)
  const gone = serversWith([applied], Promise.reject(new Error('no route to host')))
  expect((await askJournals(begin(gone.servers), 10_000))('app', '1', 'same')).toBe(false)
})

test('what was begun and is not wanted is closed when it comes', async () => {
  const { servers, closed } = serversWith([], Promise.resolve())
  abandonOpening(begin(servers))
  await expect.poll(() => closed).toEqual(['app'])
})
