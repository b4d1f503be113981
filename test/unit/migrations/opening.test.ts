import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { JournalSnapshot } from '../../../src/migrations/journal/rows.ts'
import type { IsApplied } from '../../../src/migrations/opening.ts'
import type { ServerPort, Session } from '../../../src/migrations/ports.ts'
import { openWithFiles } from '../../../src/migrations/targets.ts'
import { configOf, databaseOf, migrationOf, passOf } from '../../helpers/migrations/engine.ts'

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

describe('journals that are read with one login', () => {
  const near = databaseOf('near').server
  const databases = [...['one', 'two', 'three'].map((name) => databaseOf(name, { server: near })), databaseOf('far')]
  const ran: JournalSnapshot = { exists: true, passes: [applied], rows: [], settings: new Map() }

  /** Servers that note what is asked of them. `beside` answers for the other databases of a server; `login` says when one is open. */
  function noting(own: JournalSnapshot, beside: Session['readJournals'], login = async (_: string) => {}) {
    const asked: string[] = []
    const servers = {
      open: async ({ name, schema }) => {
        asked.push(`open ${name}`)
        await login(name)
        return {
          target: { database: name, schema, server: near.label },
          facts: { version: '9.7.4' },
          readJournal: async () => own,
          readJournals: async (targets) => {
            asked.push(`${name} reads ${targets.map(({ database }) => database).join()}`)
            const answer = (await beside?.(targets)) ?? null
            asked.push(`${name} has read`)
            return answer
          },
          close: async () => void asked.push(`close ${name}`),
        } as Partial<Session> as Session
      },
    } as Partial<ServerPort> as ServerPort
    return { asked, servers }
  }

  const access = { config: configOf([], { databases }), databases, writable: true, plans: false } as const
  const read = async () => new Map()

  test('the first database of each account on a server is opened, and reads the others of it', async () => {
    const { asked, servers } = noting(ran, async (targets) => targets.map(() => ran))
    const begun = await openWithFiles({
      ...access,
      servers,
      read,
      idle: (seen) => seen.map((target) => target.database.name),
    })
    expect(begun).toMatchObject({ type: 'idle', idle: ['one', 'two', 'three', 'far'] })
    if (begun.type === 'idle') await begun.close()
    expect(asked).toEqual(['open one', 'open far', 'one reads two,three', 'one has read', 'close one', 'close far'])
  })

  test.each<readonly [what: string, own: JournalSnapshot, beside: Session['readJournals'], idle: string[] | null]>([
    ['where something is to be done', ran, async (targets) => targets.map(() => ran), null],
    ['where a journal is not as usual', ran, async () => null, ['done']],
    ['where they cannot be read together', ran, undefined, ['done']],
    ['before the first migration', { ...ran, exists: false }, async (targets) => targets.map(() => ran), ['done']],
  ])('%s, each has its session, and the first keeps its own', async (_, own, beside, idle) => {
    const { asked, servers } = noting(own, beside)
    const begun = await openWithFiles({ ...access, servers, read, idle: () => idle })
    expect(begun.type).toBe('open')
    expect(asked.filter((line) => line.startsWith('open')).toSorted()).toEqual([
      'open far',
      'open one',
      'open three',
      'open two',
    ])
    if (begun.type === 'open') await begun.open.close()
    expect(asked.filter((line) => line.startsWith('close'))).toHaveLength(4)
  })

  test('journals that come late are waited for, and the files are read meanwhile, each to its end', async () => {
    let answer = (): void => {}
    const late = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { asked, servers } = noting(ran, async (targets) => {
      await late
      return targets.map(() => ran)
    })
    let isKnown = true
    const slow = async (isApplied: IsApplied) => {
      isKnown = isApplied('one', '1', 'same')
      answer()
      return new Map()
    }
    const begun = await openWithFiles({ ...access, servers, read: slow, idle: () => ['done'] }, 20)
    expect([begun.type, isKnown]).toEqual(['idle', false])
    expect(asked.filter((line) => line.startsWith('open'))).toEqual(['open one', 'open far'])
  })

  test.each<readonly [what: string, error: Error]>([
    ['the server refuses', new ToolError('SERVER_REFUSED', { what: 'No.' })],
    ['the connection is lost', new ToolError('CONNECTION_LOST', { what: 'Gone.' })],
    ['an answer is damaged', new SyntaxError('Unexpected token')],
  ])('where %s, the session that asked is closed, and the run gets another one', async (_, error) => {
    const { asked, servers } = noting(ran, () => Promise.reject(error))
    const begun = await openWithFiles({ ...access, servers, read, idle: () => ['done'] })
    expect(asked.filter((line) => line.endsWith(' one'))).toEqual(['open one', 'close one', 'open one'])
    if (begun.type === 'open') {
      expect(begun.open.targets.map(({ database }) => database.name)).toEqual(['one', 'two', 'three', 'far'])
      await begun.open.close()
    }
    expect(asked.filter((line) => line.startsWith('close'))).toHaveLength(5)
  })

  /** Holds what it is given to until `now` is called. */
  function held() {
    let now = (): void => {}
    const end = new Promise<void>((resolve) => {
      now = resolve
    })
    return { end, now: () => now() }
  }

  test('a server that nobody could log in to yet keeps no database waiting, and its session reads for no other', async () => {
    const [slow, all] = [held(), held()]
    const { asked, servers } = noting(
      ran,
      async (targets) => targets.map(() => ran),
      (name) => {
        if (name === 'three') all.now()
        return name === 'one' ? slow.end : Promise.resolve()
      },
    )
    const opening = openWithFiles({ ...access, servers, read, idle: () => ['done'] }, 1)
    await all.end
    slow.now()
    const begun = await opening
    expect(begun.type).toBe('open')
    expect(asked).toEqual(['open one', 'open far', 'open two', 'open three'])
  })

  test('a run with work does not get a session that still reads for others', async () => {
    const [files, answer] = [held(), held()]
    const { asked, servers } = noting(ran, async (targets) => {
      await answer.end
      return targets.map(() => ran)
    })
    const readFiles = async () => {
      files.now()
      return new Map()
    }
    const opening = openWithFiles({ ...access, servers, read: readFiles, idle: () => null }, 20)
    await files.end
    await new Promise(setImmediate)
    expect(asked).toEqual(['open one', 'open far', 'one reads two,three'])
    answer.now()
    expect((await opening).type).toBe('open')
    expect(asked.slice(3)).toEqual(['one has read', 'open two', 'open three'])
  })

  test('what fails between the journals and the run leaves no session open', async () => {
    const { asked, servers } = noting(ran, async (targets) => targets.map(() => ran))
    const idle = () => {
      throw new Enough()
    }
    await expect(openWithFiles({ ...access, servers, read, idle })).rejects.toThrow(Enough)
    expect(asked.filter((line) => line.startsWith('close'))).toEqual(['close one', 'close far'])
  })

  test('no server is asked twice where its databases have different accounts, or nothing can be idle', async () => {
    const { asked, servers } = noting(ran, async (targets) => targets.map(() => ran))
    const apart = databases.map((database) => ({ ...database, server: { ...near } }))
    await openWithFiles({ ...access, databases: apart, servers, read, idle: () => ['done'] })
    await openWithFiles({ ...access, servers, read })
    expect(asked.filter((line) => line.includes('reads'))).toEqual([])
  })
})
