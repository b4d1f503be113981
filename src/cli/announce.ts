import type { Emit } from '../core/event.ts'
import type { ServerPort } from '../migrations/ports.ts'
import type { ServerFacts } from '../mysql/facts.ts'
import type { ProvisionServers } from '../provision/ports.ts'
import type { SchemaServers } from '../schema/ports.ts'
import type { ShardServers } from '../shards/ports.ts'

/** Warns of notices. */
export type Announce = (notices: readonly string[]) => void

/** Warns of the notices of servers, of each once, however many connections are opened. */
export function announceOnce(emit: Emit): Announce {
  const said = new Set<string>()
  return (notices) => {
    for (const message of notices) {
      if (said.has(message)) continue
      said.add(message)
      emit({ type: 'warning', message, target: null })
    }
  }
}

/** Differences between sessions concern commands that write, and plans. */
function noticesOf({ notices, differences }: ServerFacts, writable: boolean): readonly string[] {
  return writable ? [...notices, ...differences] : notices
}

/** The same servers; what they give notice of when they are opened is passed on. */
export function announceServers(servers: ServerPort, announce: Announce): ServerPort {
  return {
    ...servers,
    open: async (database, timeouts, writable) => {
      const session = await servers.open(database, timeouts, writable)
      announce(noticesOf(session.facts, writable))
      return session
    },
    administrate: async (database, timeouts) => {
      const administration = await servers.administrate(database, timeouts)
      announce(administration.notices)
      return administration
    },
  }
}

export function announceShardServers(servers: ShardServers, announce: Announce): ShardServers {
  return {
    ...servers,
    open: async (database, timeouts, writable, leader) => {
      const store = await servers.open(database, timeouts, writable, leader)
      announce(noticesOf(store.facts, writable))
      return store
    },
  }
}

export function announceProvisionServers(servers: ProvisionServers, announce: Announce): ProvisionServers {
  return {
    ...servers,
    openRegistry: async (database, timeouts) => {
      const registry = await servers.openRegistry(database, timeouts)
      announce(registry.notices)
      return registry
    },
  }
}

export function announceSchemaServers(servers: SchemaServers, announce: Announce): SchemaServers {
  return {
    open: async (database, timeouts) => {
      const session = await servers.open(database, timeouts)
      announce(session.notices)
      return session
    },
    readFacts: async (databases, timeouts) => {
      const facts = await servers.readFacts(databases, timeouts)
      announce(facts.notices)
      return facts
    },
    openScratch: async (...request) => {
      const scratch = await servers.openScratch(...request)
      announce(scratch.notices)
      return scratch
    },
    findImplicit: servers.findImplicit,
    replayBehind: servers.replayBehind,
  }
}
