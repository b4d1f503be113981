import type { StoreConfig } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { PreparedStore, StoreRun } from './contract.ts'
import { type DeclarationFolder, readDeclarations } from './declare/read-declarations.ts'
import { stores } from './registry.ts'

interface Outside {
  /** Called with the secrets of the declarations before anything is printed. */
  readonly learn: (secrets: readonly string[]) => void
  readonly run: StoreRun
}

/** Reads and checks what is declared for a store. Throws ToolError `DECLARATIONS_INVALID` (78) with every fault. */
export async function prepareStore(
  config: StoreConfig,
  folder: DeclarationFolder,
  { learn, run }: Outside,
): Promise<PreparedStore> {
  const { documents, faults, secrets } = readDeclarations(folder)
  learn(secrets)
  if (faults.length > 0) throw new ToolError('DECLARATIONS_INVALID', faults)
  const store = await stores[config.store]()
  return store.prepare(config, documents, run)
}
