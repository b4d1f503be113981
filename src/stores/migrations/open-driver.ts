import type { Context } from '../../command/context.ts'
import type { Config, StoreConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { readCodeFolders } from '../declare/read-code-migrations.ts'
import { type CodeFolder, type MigrationDriver, migrationDriver } from './ports.ts'

/** What the commands about migrations of MongoDB begin with. */
export interface OpenedMigrations {
  readonly config: Config
  readonly store: StoreConfig
  readonly folders: readonly CodeFolder[]
  readonly driver: MigrationDriver
}

/**
 * Reads the files, then opens the MongoDB of the configuration and closes it behind `use`.
 * @throws ToolError UNKNOWN_STORE (64), MIGRATIONS_INVALID, CONFIG_INVALID (78).
 */
export async function withMigrations<T>(context: Context, use: (opened: OpenedMigrations) => Promise<T>): Promise<T> {
  const config = await context.config()
  const store = config.stores.find((one) => one.store === 'mongodb')
  if (store === undefined) {
    throw new ToolError('UNKNOWN_STORE', {
      what: 'The configuration has no store `mongodb`.',
      next: 'Add it under `stores`: "mongodb": {"url": "mongodb://127.0.0.1:27017"}.',
    })
  }
  if (store.faults.length > 0) throw new ToolError('CONFIG_INVALID', store.faults)
  const folders = readCodeFolders({ declarations: store.declarations, root: config.root })
  const driver = await (await context.port(migrationDriver))(store)
  try {
    return await use({ config, store, folders, driver })
  } finally {
    await driver.close()
  }
}
