import type { StoreConfig } from '../config/config.ts'
import type { StoreKind } from '../core/store.ts'
import type { Fault } from '../core/tool-error.ts'
import { ToolError } from '../core/tool-error.ts'
import type { DeclarationDocument } from './declare/declaration-document.ts'
import { type DeclarationFolder, readDeclarations } from './declare/read-declarations.ts'
import type { ReadyStore } from './open-stores.ts'
import type { StoreSession, StoreSurroundings } from './ports.ts'

/** A store whose documents hold: it opens a session, or says what is wrong with them. */
export type PreparedStore =
  | { readonly type: 'ready'; readonly open: (surroundings: StoreSurroundings) => Promise<StoreSession> }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** What `src/cli/stores/<store>.ts` exports: turns the documents into a declaration and knows how the store is opened. */
export interface StoreModule {
  readonly prepare: (store: StoreConfig, documents: readonly DeclarationDocument[]) => PreparedStore
}

/** Loaded when a store is first read, drivers not before it is opened. */
const modules: Readonly<Record<StoreKind, () => Promise<StoreModule>>> = {
  elasticsearch: () => import('./elasticsearch/prepare.ts'),
  influxdb: () => import('./influxdb/prepare.ts'),
  mongodb: () => import('./mongodb/prepare.ts'),
  redis: () => import('./redis/prepare.ts'),
}

interface Outside {
  /** Hears of secrets in the declarations before anything is printed. */
  readonly learn: (secrets: readonly string[]) => void
  readonly surroundings: StoreSurroundings
}

/** Reads and checks what is declared for a store. Throws ToolError `DECLARATIONS_INVALID` (78) with every fault. */
export async function prepareStore(
  config: StoreConfig,
  folder: DeclarationFolder,
  { learn, surroundings }: Outside,
): Promise<ReadyStore> {
  const { documents, faults, secrets } = readDeclarations(folder)
  learn(secrets)
  if (faults.length > 0) throw invalid(faults)
  const { prepare } = await modules[config.store]()
  const prepared = prepare(config, documents)
  if (prepared.type === 'faults') throw invalid(prepared.faults)
  return { store: config.store, server: config.label, open: () => prepared.open(surroundings) }
}

function invalid(faults: readonly Fault[]): ToolError {
  return new ToolError('DECLARATIONS_INVALID', faults)
}
