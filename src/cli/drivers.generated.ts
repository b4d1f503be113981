// Made by `npm run generate` from the drivers of the capabilities; a test compares it. Do not edit it.
import type { Driver } from '../mysql/door.ts'

/** Builds what is behind each port, by the port's name. */
export const drivers: Readonly<Record<string, () => Promise<Driver<unknown>>>> = {
  'audit/run-ledger': async () => (await import('../audit/mysql/run-ledger.ts')).driver,
  'doctor/servers': async () => (await import('../doctor/mysql/servers.ts')).driver,
  'grants/accounts': async () => (await import('../grants/mysql/accounts.ts')).driver,
  'grants/keyspace-rights': async () => (await import('../grants/mysql/keyspace-rights.ts')).driver,
  'migrations/online-servers': async () => (await import('../migrations/mysql/online-servers.ts')).driver,
  'migrations/retire-stores': async () => (await import('../migrations/mysql/retire-stores.ts')).driver,
  'migrations/servers': async () => (await import('../migrations/mysql/servers.ts')).driver,
  'operate/readers': async () => (await import('../operate/mysql/readers.ts')).driver,
  'provision/servers': async () => (await import('../provision/mysql/servers.ts')).driver,
  'references/key-reader': async () => (await import('../references/mysql/key-reader.ts')).driver,
  'schema/replaying': async () => (await import('../schema/mysql/replaying.ts')).driver,
  'schema/servers': async () => (await import('../schema/mysql/servers.ts')).driver,
  'seeds/store': async () => (await import('../seeds/mysql/store.ts')).driver,
  'shards/ledger': async () => (await import('../shards/mysql/ledger.ts')).driver,
  'shards/move-servers': async () => (await import('../shards/mysql/move-servers.ts')).driver,
  'shards/row-samples': async () => (await import('../shards/mysql/row-samples.ts')).driver,
  'shards/servers': async () => (await import('../shards/mysql/servers.ts')).driver,
  'shards/split-server': async () => (await import('../shards/mysql/split-server.ts')).driver,
  'uses/statements': async () => (await import('../uses/mysql/statements.ts')).driver,
}
