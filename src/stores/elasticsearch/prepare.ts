import type { StoreConfig } from '../../config/config.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { StoreSession } from '../contract.ts'
import type { DeclarationDocument } from '../declare/read-declarations.ts'
import type { OldStore } from '../not-yet.ts'
import type { StoreSurroundings } from '../ports.ts'
import { readElasticsearchDeclaration } from './declare/read-declaration.ts'

/** What is declared for Elasticsearch, and how it is opened. The driver is loaded when that happens. */
export function prepare(config: StoreConfig, documents: readonly DeclarationDocument[]): OldStore {
  const reading = readElasticsearchDeclaration(documents)
  if (reading.type === 'faults') return reading
  if (!usablePrefix.test(config.prefix)) return { type: 'faults', faults: [unusable(config.prefix)] }
  const { declaration } = reading
  const open = async (surroundings: StoreSurroundings): Promise<StoreSession> => {
    const [{ openElasticsearch }, { createElasticsearchSession }] = await Promise.all([
      import('./driver/driver.ts'),
      import('./session.ts'),
    ])
    return createElasticsearchSession({
      declaration,
      prefix: config.prefix,
      driver: openElasticsearch(config),
      surroundings,
    })
  }
  return { type: 'ready', open }
}

/** What may begin the name of an index, and what is no wildcard: all under a prefix can be removed together. */
const usablePrefix = /^(?:[a-z0-9][a-z0-9_.-]*)?$/

function unusable(prefix: string): Fault {
  return {
    what: `The prefix "${prefix}" cannot begin a name of Elasticsearch.`,
    why: 'Its names are of lower-case letters, digits, "_", "-" and ".", and begin with a letter or digit.',
    next: 'Choose another "prefix" in the configuration, WWDB_PREFIX or --prefix.',
  }
}
