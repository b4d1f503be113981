import type { StoreKind } from '../core/store.ts'
import type { Store } from './contract.ts'
import { adapt } from './not-yet.ts'

/** Every store, loaded when it is first needed: one line each. The compiler asks for a line for each kind of `core/store.ts`. */
export const stores: Readonly<Record<StoreKind, () => Promise<Store>>> = {
  elasticsearch: async () =>
    adapt(
      'elasticsearch',
      (await import('./elasticsearch/prepare.ts')).prepare,
      async () => (await import('./elasticsearch/sandbox.ts')).elasticsearchSandbox,
    ),
  influxdb: async () =>
    adapt(
      'influxdb',
      (await import('./influxdb/prepare.ts')).prepare,
      async () => (await import('./influxdb/sandbox.ts')).influxdbSandbox,
    ),
  mongodb: async () => (await import('./mongodb/index.ts')).store,
  redis: async () => (await import('./redis/index.ts')).store,
}
