import type { Config, StoreConfig } from '../config/config.ts'
import { warnOfReadableSecret } from '../config/readable-secret.ts'
import type { PreparedStore, StoreRun } from '../stores/contract.ts'
import type { DeclarationFolder } from '../stores/declare/read-declarations.ts'
import type { StoreImport } from '../stores/import-store.ts'
import type { MigrationDriver } from '../stores/migrations/ports.ts'
import type { StoreRecord } from '../stores/record-changes.ts'
import type { Wiring } from './context.ts'
import type { Announce } from './warn-once.ts'

/** What connections other than MySQL's need. */
export interface Outside {
  readonly wiring: Wiring
  readonly config: () => Promise<Config>
  readonly announce: Announce
}

function recordOutside({ wiring: { trail }, config }: Outside): StoreRecord | null {
  if (trail === null) return null
  return {
    before: async () => (await import('../audit/record-run.ts')).enterHome(trail, config),
    note: (change) => trail.note(change),
  }
}

/** @param restored the path of a file that declares what was removed; null for the declarations of the store */
export async function readStore(store: StoreConfig, restored: string | null, outside: Outside): Promise<PreparedStore> {
  const { prepareRestore, prepareStore } = await import('../stores/registry.ts')
  const folder = await openFolder(store, outside)
  const whole = { ...outsideOf(store, outside), record: recordOutside(outside) }
  return restored === null ? prepareStore(store, folder, whole) : prepareRestore(store, folder, restored, whole)
}

async function openFolder(store: StoreConfig, { wiring, config, announce }: Outside): Promise<DeclarationFolder> {
  const warning = warnOfReadableSecret(store)
  if (warning !== null) announce([warning])
  return { directory: store.declarations, root: (await config()).root, variables: wiring.host.environment }
}

function outsideOf(store: StoreConfig, outside: Outside) {
  const { secretRegistry } = outside.wiring
  const learn = (secrets: readonly string[]): void => {
    secretRegistry.secrets = [...secretRegistry.secrets, ...secrets]
  }
  return { learn, run: describeRun(store, outside) }
}

export async function readImport(store: StoreConfig, only: readonly string[], outside: Outside): Promise<StoreImport> {
  const { importStore } = await import('../stores/registry.ts')
  return importStore(store, await openFolder(store, outside), only, outsideOf(store, outside))
}

export async function openCodeMigrations(store: StoreConfig, outside: Outside): Promise<MigrationDriver> {
  const { openMigrations } = await import('../stores/migrations/driver.ts')
  const warning = warnOfReadableSecret(store)
  if (warning !== null) outside.announce([warning])
  return openMigrations(store, {
    run: describeRun(store, outside),
    before: async () => recordOutside(outside)?.before(),
  })
}

function describeRun({ store }: StoreConfig, { wiring: { host, emit, watch } }: Outside): StoreRun {
  return {
    report: (message) => emit({ type: 'progress', message: `${store}: ${message}` }),
    stop: watch.stop,
    now: host.now,
    holder: `${host.user}@${host.hostname}, process ${host.processId}`,
  }
}
