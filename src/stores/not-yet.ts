import type { StoreConfig } from '../config/config.ts'
import type { StoreKind } from '../core/store.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { Store, StoreSandbox, StoreSession } from './contract.ts'
import type { DeclarationDocument } from './declare/read-declarations.ts'
import type { StoreSurroundings } from './ports.ts'

export type OldStore =
  | { readonly type: 'ready'; readonly open: (surroundings: StoreSurroundings) => Promise<StoreSession> }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

export type Prepare = (config: StoreConfig, documents: readonly DeclarationDocument[]) => OldStore

/** A store that does not have the shape of `contract.ts` yet. */
export function adapt(kind: StoreKind, prepare: Prepare, sandbox: () => Promise<StoreSandbox>): Store {
  return {
    kind,
    sandbox,
    explainError: (error) =>
      error instanceof ToolError ? error : new ToolError('STORE_REFUSED', { what: String(error) }),
    prepare: (config, documents, run) => {
      const prepared = prepare(config, documents)
      if (prepared.type === 'faults') throw new ToolError('DECLARATIONS_INVALID', prepared.faults)
      return { store: kind, server: config.label, open: () => prepared.open({ ...run, say: run.report }) }
    },
  }
}
