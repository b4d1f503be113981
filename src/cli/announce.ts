import type { Emit } from '../core/event.ts'
import type { ServerFacts, ServerPort } from '../migrations/ports.ts'
import type { ProvisionServers } from '../provision/ports.ts'
import type { ShardServers } from '../shards/ports.ts'

export type Tell = (notices: readonly string[]) => void

/** Warns of what servers give notice of, each thing once, however many connections are opened. */
export function tellOnce(emit: Emit): Tell {
  const said = new Set<string>()
  return (notices) => {
    for (const message of notices) {
      if (said.has(message)) continue
      said.add(message)
      emit({ type: 'warning', message, target: null })
    }
  }
}

/** How sessions differ concerns those who write; a plan says it, too. */
function noticesOf({ notices, differences }: ServerFacts, writable: boolean): readonly string[] {
  return writable ? [...notices, ...differences] : notices
}

/** The same servers; what they give notice of when they are opened is passed on. */
export function announceServers(servers: ServerPort, tell: Tell): ServerPort {
  return {
    ...servers,
    open: async (database, timeouts, writable) => {
      const session = await servers.open(database, timeouts, writable)
      tell(noticesOf(session.facts, writable))
      return session
    },
    administrate: async (database, timeouts) => {
      const administration = await servers.administrate(database, timeouts)
      tell(administration.notices)
      return administration
    },
  }
}

export function announceShardServers(servers: ShardServers, tell: Tell): ShardServers {
  return {
    ...servers,
    open: async (database, timeouts, writable, leader) => {
      const store = await servers.open(database, timeouts, writable, leader)
      tell(noticesOf(store.facts, writable))
      return store
    },
  }
}

export function announceProvisionServers(servers: ProvisionServers, tell: Tell): ProvisionServers {
  return {
    ...servers,
    openRegistry: async (database, timeouts) => {
      const registry = await servers.openRegistry(database, timeouts)
      tell(registry.notices)
      return registry
    },
  }
}
