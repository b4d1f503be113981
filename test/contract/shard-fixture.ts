import type { DatabaseConfig, Timeouts } from '../../src/config/config.ts'
import type { KeySource } from '../../src/core/shard-family.ts'
import { noRegistryChange, type ShardServers, type ShardStore, type TableToCreate } from '../../src/shards/ports.ts'
import type { ShardRecord } from '../../src/shards/shard.ts'

/** A transaction that has read a table and is not over. */
export interface OpenRead {
  readonly connectionId: number
  readonly end: () => Promise<void>
}

/** A fresh schema on some server, and what others do to it. */
export interface ShardFixture {
  readonly servers: ShardServers
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
  /** By hand, past the store. */
  readonly create: (text: string) => Promise<void>
  readonly insert: (table: string, ...texts: readonly string[]) => Promise<void>
  readonly texts: (table: string) => Promise<readonly string[]>
  readonly read: (table: string) => Promise<OpenRead>
  /** True when the view can be read. */
  readonly isWhole: (view: string) => Promise<boolean>
  /** Values of a source's column, as they are in the server; those in `deleted` are marked so. */
  readonly setKeys: (source: KeySource, present: readonly string[], deleted: readonly string[]) => Promise<void>
  /** Takes rows out of the registry, past the store: one, or all of them. */
  readonly forgetShard: (key: string | null) => Promise<void>
  /** Takes the protections out of the registry's rows, past the store. */
  readonly forgetProtections: () => Promise<void>
  readonly stealLock: (store: ShardStore) => Promise<void>
  readonly breakConnection: (store: ShardStore) => Promise<void>
  readonly close: () => Promise<void>
}

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** A table of one text column, in the words of both servers. */
export function tableOf(
  table: string,
  changes: { readonly index?: string; readonly comment?: string } = {},
): TableToCreate {
  const { index = 'idx_text', comment = 'made by a test' } = changes
  const text =
    `CREATE TABLE IF NOT EXISTS ${quote(table)} (\n  \`id\` bigint NOT NULL AUTO_INCREMENT,\n` +
    `  \`text\` varchar(100) NOT NULL,\n  PRIMARY KEY (\`id\`),\n  KEY \`${index}\` (\`text\`)\n) ENGINE=InnoDB COMMENT='${comment}'`
  return { table, text, after: [] }
}

/** A table with a physical key to another one. */
export function childOf(table: string, parent: string): TableToCreate {
  const text =
    `CREATE TABLE IF NOT EXISTS ${quote(table)} (\n  \`id\` bigint NOT NULL AUTO_INCREMENT,\n` +
    `  \`parent_id\` bigint NOT NULL,\n  PRIMARY KEY (\`id\`),\n  KEY \`idx_parent\` (\`parent_id\`),\n` +
    `  CONSTRAINT \`fk_${table}\` FOREIGN KEY (\`parent_id\`) REFERENCES \`${parent}\` (\`id\`)\n) ENGINE=InnoDB`
  return { table, text, after: [parent] }
}

export function recordOf(key: string, changes: Partial<ShardRecord> = {}): ShardRecord {
  const period = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 1, 1) }
  const nothing = { fingerprint: null, goneAt: null, seal: null, hold: null, archive: null, protection: null }
  const shard = { family: 'messages', key, table: `messages_${key}`, ...period }
  return { ...shard, state: 'live', templateVersion: 1, ...nothing, ...changes }
}

export const changeOf = (...shards: readonly ShardRecord[]) => ({ ...noRegistryChange, shards })
