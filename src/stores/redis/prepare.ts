import type { StoreConfig, TlsConfig } from '../../config/config.ts'
import type { StoreSession } from '../contract.ts'
import type { DeclarationDocument } from '../declare/declaration-document.ts'
import type { OldStore } from '../not-yet.ts'
import type { StoreSurroundings } from '../ports.ts'
import { readRedisDeclaration } from './declare/read-redis.ts'

const trusted: TlsConfig = { ca: null, cert: null, key: null, verify: true }

/** What is declared for Redis, and how its nodes are opened. The driver is loaded when that happens. */
export function prepare(config: StoreConfig, documents: readonly DeclarationDocument[]): OldStore {
  const outcome = readRedisDeclaration(documents, config.prefix)
  if (outcome.type === 'faults') return outcome
  const { declaration } = outcome
  const open = async (surroundings: StoreSurroundings): Promise<StoreSession> => {
    const [{ openRedisNodes }, { openRedisSession }] = await Promise.all([
      import('./driver/nodes.ts'),
      import('./session.ts'),
    ])
    const tls = config.secure ? (config.tls ?? trusted) : null
    const nodes = openRedisNodes({ ...config, tls, patience: config.connectTimeout })
    return openRedisSession({ declaration, nodes, surroundings, prefix: config.prefix })
  }
  return { type: 'ready', open }
}
