import type { TlsConfig } from '../../../src/config/config.ts'
import { Secret } from '../../../src/config/secret.ts'
import type { StoreSession } from '../../../src/stores/contract.ts'
import { sessionOver } from '../../../src/stores/define-store.ts'
import {
  type CollectionDeclaration,
  type Declaration,
  type IndexDeclaration,
  nothingDeclared,
  type ReplicaSetSettings,
} from '../../../src/stores/mongodb/declaration.ts'
import { openMongodb } from '../../../src/stores/mongodb/driver.ts'
import { parts } from '../../../src/stores/mongodb/index.ts'
import type { MongodbDriver, ReplicaSetConfiguration } from '../../../src/stores/mongodb/ports.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { quickSettings, testSet } from './mongodb.ts'

export interface SessionOptions {
  readonly addresses: readonly string[]
  readonly declaration: Declaration
  readonly prefix?: string
  readonly user?: string
  readonly password?: string
  readonly tls?: TlsConfig
  readonly waitTimeout?: number
  /** Milliseconds. */
  readonly lease?: number
  /** Hears every configuration that is sent to a server. */
  readonly sent?: (configuration: ReplicaSetConfiguration) => void
}

/** A session on real servers, as the command opens one. */
export function openTestSession(options: SessionOptions): StoreSession {
  const { addresses, declaration, prefix = '', user, password, tls, waitTimeout = 30_000, sent, lease } = options
  const driver = openMongodb({
    user: user ?? null,
    password: password === undefined ? null : new Secret(password),
    authenticationDatabase: '',
    secure: tls !== undefined,
    tls: tls ?? null,
  })
  const watched: MongodbDriver = {
    ...driver,
    reconfigure: (address, configuration) => {
      sent?.(configuration)
      return driver.reconfigure(address, configuration)
    },
  }
  const stop = { requested: false, killRequested: false, onStop: () => () => undefined, onKill: () => () => undefined }
  return sessionOver(parts, {
    declaration,
    prefix,
    server: addresses.join(','),
    user: user ?? null,
    driver: watched,
    run: {
      holder: `tester@here, process ${process.pid}`,
      report: () => undefined,
      stop,
      now: () => Date.now(),
      waitTimeout,
      ...(lease === undefined ? {} : { lease }),
    },
  })
}

/** Plans and carries out everything, as `setup apply` does with every loss allowed; returns what was done. */
export async function applyAll(session: StoreSession): Promise<readonly StoreChange[]> {
  const { changes } = await session.plan()
  for (const change of changes) await session.apply(change)
  return changes
}

/** A set of those that the URL names, with nothing in it. */
export function emptyDeclaration(settings: Partial<ReplicaSetSettings> = quickSettings): Declaration {
  const nothing = { electionTimeoutMillis: null, heartbeatIntervalMillis: null, catchUpTimeoutMillis: null }
  return {
    ...nothingDeclared,
    replicaSet: { name: testSet, members: null, settings: { ...nothing, ...settings } },
  }
}

/** A plain collection, and what it has besides. */
export function collectionOf(name: string, more: Partial<CollectionDeclaration> = {}): CollectionDeclaration {
  const plain = { collation: null, validator: null, indexes: [], capped: null, timeSeries: null, preImages: null }
  return { name, ...plain, ...more }
}

/** An index by its key and what it has besides. */
export function indexOn(
  key: Readonly<Record<string, number | string>>,
  more: Partial<IndexDeclaration> = {},
): IndexDeclaration {
  const fields = Object.entries(key)
  return {
    name: fields.map(([field, direction]) => `${field}_${direction}`).join('_'),
    key: fields,
    unique: false,
    sparse: false,
    hidden: false,
    expireAfterSeconds: null,
    partialFilter: null,
    collation: null,
    weights: {},
    defaultLanguage: null,
    ...more,
  }
}
