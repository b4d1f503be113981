import type { Store, StoreParts } from '../contract.ts'
import { defineStore } from '../define-store.ts'
import { applyOperation, type Operation } from './apply.ts'
import { backfill } from './backfill.ts'
import { clear } from './clear.ts'
import { type Declaration, prefixNames } from './declaration.ts'
import { explainError } from './errors.ts'
import { readContents } from './import.ts'
import { guardWrites, lockPlace } from './lock.ts'
import { type Observation, observe } from './observe.ts'
import { plan } from './plan.ts'
import type { InfluxDriver } from './ports.ts'
import { readDeclaration } from './schema.ts'
import { verify } from './verify.ts'

/** The parts of InfluxDB; the client library is loaded when it is connected to. */
export const parts: StoreParts<Declaration, Observation, Operation, InfluxDriver> = {
  kind: 'influxdb',
  readDeclaration,
  prefixNames,
  connect: async (config) => (await import('./driver.ts')).connect(config),
  observe,
  plan,
  lockPlace,
  guardWrites,
  applyOperation,
  readContents,
  verify,
  clear,
  backfill,
  explainError,
  sandbox: async () => (await import('./sandbox.ts')).sandbox,
}

export const store: Store = defineStore(parts)
