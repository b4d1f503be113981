import { describeDuration } from '../../core/duration.ts'
import { inOneSentence, ToolError } from '../../core/tool-error.ts'
import { type ImportedItem, type StoreContents, toItem } from '../import-items.ts'
import { isJsonObject, type JsonObject } from './declaration.ts'
import { compatibilityResource } from './plan-compatibility.ts'
import { defaultsResource } from './plan-defaults.ts'
import type { ObservedCollection, ObservedCompatibility, ObservedDefaults } from './ports.ts'

/** What makes a collection capped or a time series, or keeps its pre-images, as a file declares it. */
export function toKind({ type, options }: ObservedCollection): JsonObject {
  const { capped, size, max, timeseries, expireAfterSeconds, changeStreamPreAndPostImages: images } = options
  if (type === 'timeseries' && isJsonObject(timeseries)) {
    const { timeField, metaField, granularity } = timeseries
    const expiry = typeof expireAfterSeconds === 'number' ? describeDuration(expireAfterSeconds * 1000) : null
    return {
      timeSeries: {
        ...(timeField === undefined ? {} : { timeField }),
        ...(metaField === undefined ? {} : { metaField }),
        ...(granularity === undefined ? {} : { granularity }),
        ...(expiry === null ? {} : { expireAfter: expiry }),
      },
    }
  }
  const limit = typeof max === 'number' && max > 0 && max < 2 ** 31 - 1 ? { documents: max } : {}
  return {
    ...(capped === true ? { capped: { size: exactSize(Number(size)), ...limit } } : {}),
    ...(isJsonObject(images) && images['enabled'] === true ? { preImages: true } : {}),
  }
}

/** Without rounding. */
function exactSize(bytes: number): string {
  const units = ['tb', 'gb', 'mb', 'kb'] as const
  const at = units.findIndex((_, index) => bytes % 1024 ** (4 - index) === 0)
  return at === -1 ? `${bytes}b` : `${bytes / 1024 ** (4 - at)}${units[at]}`
}

export function importView({ database, name, options }: ObservedCollection, collation: JsonObject): ImportedItem {
  const { viewOn, pipeline = [] } = options
  const value = { on: viewOn, pipeline, ...collation }
  return toItem({ kind: 'view', name: `${database}.${name}` }, 'views', ['databases', database, 'views', name], value)
}

/** What somebody has set; MongoDB's own choice is not declared. */
export function importDefaults(observed: ObservedDefaults | null): readonly ImportedItem[] {
  const { readConcern = null, writeConcern = null, chosen = [] } = observed ?? {}
  const timeout = Number(writeConcern?.['wtimeout'] ?? 0)
  const value = {
    ...(chosen.includes('read') ? { readConcern: readConcern?.['level'] } : {}),
    ...(chosen.includes('write')
      ? { writeConcern: { w: writeConcern?.['w'], ...(timeout > 0 ? { timeout: describeDuration(timeout) } : {}) } }
      : {}),
  }
  return Object.keys(value).length === 0 ? [] : [toItem(defaultsResource, 'defaults', ['defaults'], value)]
}

type Imported = Pick<StoreContents, 'items' | 'notDeclarable'>

/** What a new server of this version has by itself is not declared. */
export function importCompatibility({ version, target }: ObservedCompatibility, binary: string | null): Imported {
  if (target !== null) return notDeclarable(`A change of it from ${version} was interrupted.`)
  if (binary === null || binary.startsWith(`${version}.`)) return { items: [], notDeclarable: [] }
  return {
    items: [toItem(compatibilityResource, 'defaults', ['featureCompatibilityVersion'], version)],
    notDeclarable: [],
  }
}

/** A user without the privilege to read it imports everything else. @throws what is no ToolError */
export function unreadCompatibility(error: unknown): Imported {
  if (!(error instanceof ToolError)) throw error
  return notDeclarable(`It could not be read: ${inOneSentence(error.faults[0] ?? { what: error.message })}`)
}

const notDeclarable = (why: string): Imported => ({
  items: [],
  notDeclarable: [{ resource: compatibilityResource, why }],
})
