import { resolve } from 'node:path'
import { type StoreKind, storeKinds } from '../core/store.ts'
import type { Fault } from '../core/tool-error.ts'
import type { StoreConfig } from './config.ts'
import { pick, type Report, settingFault } from './layer.ts'
import { Secret } from './secret.ts'
import { type Reading, readSetting, resolveSecret, resolveTimeouts, resolveTls } from './server.ts'
import { parseStoreUrl, type StoreUrl, storeLabel } from './store-url.ts'

/** Stands for the store of a command that opens no store. */
const nowhere: StoreUrl = { endpoints: [], secure: false, user: null, password: null, path: '' }

/** Resolves the stores of the configuration. Where they are needed, each records why it cannot be opened. */
export function resolveStores(reading: Reading, root: string): readonly StoreConfig[] {
  return storeKinds
    .filter((store) => reading.layers.some((layer) => isNamed(store, layer)))
    .map((store) => {
      const faults: Fault[] = []
      const report: Report = reading.storesNeeded ? (fault) => faults.push(fault) : reading.report
      // Missing settings of a store are not a fault for a command that opens no store.
      const own: Reading = { ...reading, serversNeeded: reading.storesNeeded, report }
      return { ...resolveStore(own, store, root), faults }
    })
}

/** Its folder has a default, which does not name a store. */
function isNamed(store: StoreKind, layer: Reading['layers'][number]): boolean {
  return layer.has(`stores.${store}`)
}

function resolveStore(reading: Reading, store: StoreKind, root: string): Omit<StoreConfig, 'faults'> {
  const place = `stores.${store}`
  const url = readUrl(reading, store)
  const tls = resolveTls(reading, [`${place}.tls`])
  const folder = pick(reading.layers, `${place}.declarations`)
  return {
    store,
    hasUrl: pick(reading.layers, `${place}.url`) !== null,
    endpoints: url.endpoints,
    secure: url.secure || tls !== null,
    user: url.user,
    password: url.password === null ? resolveSecret(reading, [`${place}.`], 'password') : new Secret(url.password),
    token: resolveSecret(reading, [`${place}.`], 'token'),
    path: url.path,
    tls,
    declarations: resolve(folder?.origin.folder ?? root, readSetting(reading, folder, false) ?? `migrations/${store}`),
    prefix: readSetting(reading, pick(reading.layers, 'prefix'), false) ?? '',
    connectTimeout: resolveTimeouts(reading).connect,
    label: url.endpoints.length === 0 ? 'no server' : storeLabel(url),
  }
}

function readUrl(reading: Reading, store: StoreKind): StoreUrl {
  const setting = pick(reading.layers, `stores.${store}.url`)
  if (setting === null && reading.serversNeeded) {
    reading.report({
      what: `No URL is given for stores.${store}.`,
      next: `Write \`url\` there, or set WWDB_STORES_${store.toUpperCase()}_URL.`,
    })
  }
  const text = readSetting(reading, setting, true)
  if (setting === null || text === null) return nowhere
  const outcome = parseStoreUrl(store, text)
  if (outcome.type === 'store') return outcome.url
  reading.report(settingFault(setting, { says: outcome.why, next: outcome.next }))
  return nowhere
}
