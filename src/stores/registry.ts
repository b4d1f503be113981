import type { StoreConfig } from '../config/config.ts'
import { countOf } from '../core/plural.ts'
import type { StoreKind } from '../core/store.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { PreparedStore, Store, StoreRun } from './contract.ts'
import {
  type DeclarationDocument,
  type DeclarationFolder,
  findDoubts,
  readDeclarationFile,
  readDeclarations,
  readPresent,
  type UnsetVariable,
} from './declare/read-declarations.ts'
import { hasEntry } from './entries.ts'
import type { StoreImport } from './import-store.ts'
import { keepRemoved } from './keep-removed.ts'
import { recordChanges, type StoreRecord } from './record-changes.ts'
import { besidePresent, namedOfPresent, type RestoredResource, readRestoreFile, spareUnset } from './restore-file.ts'
import { restoreOnly } from './restore-removed.ts'

/** Every store, loaded when it is first needed, one line each. The compiler requires a line for each kind in `core/store.ts`. */
export const stores: Readonly<Record<StoreKind, () => Promise<Store>>> = {
  elasticsearch: async () => (await import('./elasticsearch/index.ts')).store,
  influxdb: async () => (await import('./influxdb/index.ts')).store,
  mongodb: async () => (await import('./mongodb/index.ts')).store,
  redis: async () => (await import('./redis/index.ts')).store,
}

interface Outside {
  /** Called with the secrets of the declarations before anything is printed. */
  readonly learn: (secrets: readonly string[]) => void
  readonly run: StoreRun
  /** Null where nothing is recorded: in a library. */
  readonly record: StoreRecord | null
}

/** Reads and checks what is declared for a store. Throws ToolError `DECLARATIONS_INVALID` (78) with every fault. */
export async function prepareStore(
  config: StoreConfig,
  folder: DeclarationFolder,
  { learn, run, record }: Outside,
): Promise<PreparedStore> {
  const { documents, faults, secrets } = readDeclarations(folder)
  learn(secrets)
  if (faults.length > 0) throw new ToolError('DECLARATIONS_INVALID', faults)
  const store = await stores[config.store]()
  const read = await store.prepare(config, documents, run)
  const prepared: PreparedStore = {
    ...read,
    open: async (options) => {
      const doubts = options?.prune === true ? findDoubts(folder, documents) : []
      if (doubts.length > 0) throw new ToolError('DECLARATIONS_INVALID', doubts)
      return read.open(options)
    },
  }
  const kept = keepRemoved(prepared, { root: folder.root, run })
  return record === null ? kept : recordChanges(kept, record)
}

/**
 * The same for one file, which declares what a run has removed: nothing else is planned or changed. Throws ToolError `DECLARATIONS_INVALID` (78) with every fault.
 * @param path of the file; absolute
 */
export async function prepareRestore(
  config: StoreConfig,
  folder: DeclarationFolder,
  path: string,
  { learn, run, record }: Outside,
): Promise<PreparedStore> {
  const [file, present] = [readDeclarationFile(path, folder, Number.POSITIVE_INFINITY), readPresent(folder)]
  learn([...file.secrets, ...present.secrets])
  const faults = [...file.faults, ...present.faults.filter((one) => !present.unset.some(({ fault }) => fault === one))]
  const [found] = file.documents
  if (faults.length > 0 || found === undefined) throw new ToolError('DECLARATIONS_INVALID', faults)
  const store = await stores[config.store]()
  const { document: whole, resources, context } = readRestoreFile(found)
  const { document, left } = besidePresent(whole, present.documents)
  // What a person has taken out of the file, or declared in the folder, is not asked for.
  const isThere = ({ at }: RestoredResource): boolean => hasEntry(document.value, at)
  const isOf = (entry: string): boolean => resources.some(({ at }) => at.slice(0, 2).join('.') === entry)
  const asked = { resources: resources.filter(isThere), context, left: left.filter(isOf) }
  const restoring = { ...asked, prefix: config.prefix }
  const prepare = (beside: readonly DeclarationDocument[]) => store.prepare(config, [...beside, document], run)
  const folderParts = spareUnset(document, present.documents, present.unset)
  if (folderParts.asked.length > 0) throw new ToolError('DECLARATIONS_INVALID', folderParts.asked)
  const prepared = restoreOnly(prepareBeside(prepare, document, folderParts), restoring)
  return record === null ? prepared : recordChanges(prepared, record)
}

/** Beside what the file names of the folder; beside all of it where that alone is no declaration: an organization needs a bucket. */
function prepareBeside(
  prepare: (beside: readonly DeclarationDocument[]) => PreparedStore,
  document: DeclarationDocument,
  { present, spared }: Pick<ReturnType<typeof spareUnset>, 'present' | 'spared'>,
): PreparedStore {
  try {
    return prepare(namedOfPresent(document, present))
  } catch (error) {
    if (!isInvalid(error)) throw error
  }
  try {
    return prepare(present)
  } catch (error) {
    if (!isInvalid(error)) throw error
    throw new ToolError('DECLARATIONS_INVALID', [...error.faults, ...noteSpared(error.faults, spared)])
  }
}

/** What was left out may be what is missing: where a fault names its section, its variables are named after the faults. */
function noteSpared(faults: readonly Fault[], spared: readonly UnsetVariable[]): readonly Fault[] {
  const said = faults.map(({ what, why = '', next = '' }) => `${what} ${why} ${next}`).join(' ')
  const missing = spared.filter(({ path: [section] }) => said.includes(String(section).replace(/s$/, '')))
  if (missing.length === 0) return []
  return [
    {
      what: `Of the folder, ${countOf(missing.length, 'declaration')} whose variables are not set here were left out: ${missing.map(({ path }) => `\`${path.map(String).join('.')}\``).join(', ')}.`,
      why: 'One of them may be what is missing above.',
      next: 'If so, set the variables that it names, and run the command again.',
    },
  ]
}

function isInvalid(error: unknown): error is ToolError {
  return error instanceof ToolError && error.code === 'DECLARATIONS_INVALID'
}

/** Declares what a store has, beside what the folder declares already; it may be missing. Throws ToolError `DECLARATIONS_INVALID` (78) with every fault. */
export async function importStore(
  config: StoreConfig,
  folder: DeclarationFolder,
  only: readonly string[],
  { learn, run }: Omit<Outside, 'record'>,
): Promise<StoreImport> {
  const { documents, faults, secrets } = readPresent(folder)
  learn(secrets)
  if (faults.length > 0) throw new ToolError('DECLARATIONS_INVALID', faults)
  return (await stores[config.store]()).readImport(config, run, { only, present: documents })
}
