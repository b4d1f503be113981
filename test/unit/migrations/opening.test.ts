import { expect, test } from 'vitest'
import type { JournalSnapshot } from '../../../src/migrations/journal/rows.ts'
import type { ServerPort, Session } from '../../../src/migrations/ports.ts'
import { type IsApplied, openWithFiles } from '../../../src/migrations/targets.ts'
import { configOf, migrationOf, passOf } from '../../helpers/migrations/engine.ts'

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

class Enough extends Error {}

/** The question that files are read with. Reading them ends there, so that the databases are closed again. */
async function askedOf(servers: ServerPort, wait: number): Promise<IsApplied> {
  const config = configOf(['app'])
  let asked: IsApplied = () => false
  const read = async (isApplied: IsApplied) => {
    asked = isApplied
    throw new Enough()
  }
  const opening = openWithFiles(
    { config, databases: config.databases, servers, writable: true, plans: false, read },
    wait,
  )
  await expect(opening).rejects.toThrow(Enough)
  return asked
}

const applied = passOf(migrationOf('app/1'), 1, { checksum: 'same' })
const partial = passOf(migrationOf('app/2'), 2, { checksum: 'same', closed: 1 })

test('a journal knows which file a migration was applied from', async () => {
  const { servers } = serversWith([applied, partial], Promise.resolve())
  const isApplied = await askedOf(servers, 10_000)
  expect(isApplied('app', '1', 'same')).toBe(true)
  expect(isApplied('app', '1', 'other')).toBe(false)
  expect(isApplied('app', '2', 'same')).toBe(false)
  expect(isApplied('other', '1', 'same')).toBe(false)
})

test('a server that is late or not reached knows no file', async () => {
  const late = serversWith([applied], new Promise(() => {}))
  expect((await askedOf(late.servers, 1))('app', '1', 'same')).toBe(false)
  const gone = serversWith([applied], Promise.reject(new Error('no route to host')))
  expect((await askedOf(gone.servers, 10_000))('app', '1', 'same')).toBe(false)
})

test('databases that were opened are closed when a file is invalid', async () => {
  const { servers, closed } = serversWith([], Promise.resolve())
  await askedOf(servers, 10_000)
  await expect.poll(() => closed).toEqual(['app'])
})
