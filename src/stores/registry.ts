import type { StoreKind } from '../core/store.ts'
import type { Store } from './contract.ts'

/** Every store, loaded when it is first needed: one line each. The compiler asks for a line for each kind of `core/store.ts`. */
export const stores: Readonly<Record<StoreKind, () => Promise<Store>>> = {
  elasticsearch: async () => (await import('./elasticsearch/index.ts')).store,
  influxdb: async () => (await import('./influxdb/index.ts')).store,
  mongodb: async () => (await import('./mongodb/index.ts')).store,
  redis: async () => (await import('./redis/index.ts')).store,
}
