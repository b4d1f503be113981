import type { StoreConfig } from '../../config/config.ts'
import type { StoreSession } from '../contract.ts'
import type { DeclarationDocument } from '../declare/read-declarations.ts'
import type { OldStore } from '../not-yet.ts'
import type { StoreSurroundings } from '../ports.ts'
import { readInfluxDeclaration } from './declare/read-declaration.ts'

/** What is declared for InfluxDB, and how it is opened. The driver is loaded when that happens. */
export function prepare(config: StoreConfig, documents: readonly DeclarationDocument[]): OldStore {
  const reading = readInfluxDeclaration(documents, config.declarations)
  if (reading.type === 'faults') return reading
  const { declaration } = reading
  const open = async (surroundings: StoreSurroundings): Promise<StoreSession> => {
    const [{ createInfluxServer }, { createInfluxSession }] = await Promise.all([
      import('./driver/server.ts'),
      import('./session.ts'),
    ])
    const server = createInfluxServer({ ...config, url: urlOf(config) }, config.label)
    return createInfluxSession({ declaration, prefix: config.prefix, server, surroundings })
  }
  return { type: 'ready', open }
}

function urlOf({ secure, label, path }: StoreConfig): string {
  return `${secure ? 'https' : 'http'}://${label}${path === '' ? '' : `/${path}`}`
}
