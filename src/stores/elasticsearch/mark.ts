import { createHash } from 'node:crypto'
import { normalText } from '../entries.ts'
import { childOf, flattenSettings, isObject } from './compare-trees.ts'
import type { JsonObject } from './declaration.ts'
import { normalPhases } from './policies.ts'
import type { ResourceKind } from './ports.ts'

const key = 'made_sha256'

/** Keys of the mark, where it has no place of its own. */
export const ownMarks: readonly string[] = ['managed_by', 'prefix', key]

/**
 * What wwdb adds to its mark: a digest of the name and of what was written under it. A mark alone may be a copy: what is read and put back under
 * another name, or with other content, has it, too.
 */
export function sealOf(kind: ResourceKind, name: string, content: JsonObject): JsonObject {
  const text = normalText({ kind, name, content: normalContent(kind, content) })
  return { [key]: createHash('sha256').update(text).digest('hex') }
}

/** Whether a resource is, by its name and content, what wwdb wrote. False for what a version without such digests wrote. */
export function isSealed(kind: ResourceKind, name: string, content: JsonObject, mark: JsonObject): boolean {
  return mark[key] === sealOf(kind, name, content)[key]
}

/** A mark without that digest, which alone is no reason to write anything. */
export function withoutSeal(mark: JsonObject): JsonObject {
  const { [key]: _, ...rest } = mark
  return rest
}

/** The mark in the metadata of what has no place of its own for it, and what else is there. */
export function splitMark(metadata: JsonObject): { readonly mark: JsonObject; readonly rest: JsonObject } {
  if (metadata['managed_by'] !== 'wwdb') return { mark: {}, rest: metadata }
  const { managed_by, prefix, [key]: digest, ...rest } = metadata
  return { mark: { managed_by, prefix, [key]: digest }, rest }
}

/** Metadata that neither wwdb nor a declaration has written: no file can declare it. */
export function metaOfOthers(metadata: JsonObject): JsonObject {
  const own = [...ownMarks, 'spec_sha256', 'description', 'chinese_analysis']
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !own.includes(name)))
}

export function namedByOthers(metadata: JsonObject): readonly string[] {
  return Object.keys(metaOfOthers(metadata)).map((name) => `\`${name}\` of its metadata`)
}

/** The same for what is sent and for what the server returns. */
function normalContent(kind: ResourceKind, content: JsonObject): JsonObject {
  const { _meta: _, ...body } = content
  if (kind === 'lifecycle policy') {
    const { phases, ...rest } = body
    return { phases: normalPhases(isObject(phases) ? phases : {}), ...present(rest) }
  }
  if (kind === 'ingest pipeline' || kind === 'snapshot policy') return present(body)
  if (kind !== 'component template' && kind !== 'index template') return content
  const { template: __, data_stream, ...head } = body
  const { settings, mappings, ...rest } = childOf(body, 'template')
  return {
    ...present({ ...head, mappings, ...rest }),
    settings: Object.fromEntries(flattenSettings(isObject(settings) ? settings : {})),
    data_stream: data_stream === undefined ? null : present(isObject(data_stream) ? data_stream : {}),
  }
}

/** Without what the server adds: empty parts, and when it was written. */
function present(parts: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(parts).filter(
      ([name, value]) =>
        !/^(created|modified)_date/.test(name) &&
        value !== undefined &&
        value !== null &&
        value !== false &&
        !(typeof value === 'object' && Object.keys(value).length === 0),
    ),
  )
}
