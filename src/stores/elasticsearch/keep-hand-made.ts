import { settingDefaults } from './compare-indices.ts'
import { childOf, extraBranches, flattenSettings, isObject, mergeSettings } from './compare-trees.ts'
import type { JsonObject, TemplateContent } from './declaration.ts'
import { isOfServer } from './server-settings.ts'

/** What a new index with the documents of another one has, and what of that one it has not. */
interface Kept {
  readonly content: TemplateContent
  /** For people, as `index.max_result_window 50000`. */
  readonly dropped: readonly string[]
}

/**
 * What is declared, and under it what somebody or the documents gave the index: its other fields, and what these need. Without them, a new index would guess each
 * field from the first document that has it, and a point on the map would become two numbers. A declared field is wholly what is declared.
 * @param simulation the declaration, as the server writes it.
 */
export function keepHandMade(declared: TemplateContent, simulation: TemplateContent, live: TemplateContent): Kept {
  const mappings = keepMappings(declared.mappings, simulation.mappings, live.mappings)
  const own = mergeSettings([declared.settings])
  const needed = Object.entries(mergeSettings([live.settings])).filter(([key]) => isNeeded(key, Object.keys(own)))
  const settings = { ...Object.fromEntries(needed), ...own }
  const lost = extraBranches(mappings, live.mappings, 'mappings')
  return {
    content: { settings, mappings },
    dropped: [
      ...findHandMade([simulation.settings, settings], live.settings),
      ...lost.map(({ path, actual }) => `\`${path}\` ${actual ?? ''}`),
    ],
  }
}

/** Settings of an index that nothing gives it, as `index.max_result_window 50000`. */
export function findHandMade(given: readonly JsonObject[], live: JsonObject): readonly string[] {
  const known = new Set(given.flatMap((settings) => [...flattenSettings(settings).keys()]))
  return [...flattenSettings(live)]
    .filter(([key, value]) => !known.has(key) && settingDefaults.get(key) !== value && !isOfServer(key))
    .map(([key, value]) => `\`${key}\` ${value}`)
}

/** Parts of an analysis and similarities, which fields name, and limits of a mapping. */
const neededParts = /^index\.(?:analysis\.[^.]+|similarity)\.[^.]+\./
const limits = /^index\.mapping\.[a-z_]+\.limit$/

/** True for a setting without which the fields of an index could not be made; a part that is declared is wholly what is declared. */
function isNeeded(key: string, declared: readonly string[]): boolean {
  if (limits.test(key)) return !declared.includes(key)
  const [part] = neededParts.exec(key) ?? []
  return part !== undefined && !declared.some((own) => own.startsWith(part))
}

/** The server adds it to the mappings of data streams. */
const ofStreams = '_data_stream_timestamp'

function keepMappings(declared: JsonObject, expected: JsonObject, live: JsonObject): JsonObject {
  const { [ofStreams]: _, ...own } = live
  const removed = Object.entries(childOf(declared, 'runtime')).filter(([, value]) => value === null)
  const runtime = { ...childOf(own, 'runtime'), ...childOf(expected, 'runtime') }
  for (const [name] of removed) delete runtime[name]
  const parts = {
    properties: keepFields(childOf(expected, 'properties'), childOf(own, 'properties')),
    runtime,
    _meta: { ...childOf(own, '_meta'), ...childOf(expected, '_meta') },
  }
  const filled = Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0)
  const { properties: _properties, runtime: _runtime, _meta: __, ...roots } = { ...own, ...declared, ...expected }
  return { ...roots, ...Object.fromEntries(filled) }
}

function keepFields(declared: JsonObject, live: JsonObject): JsonObject {
  const both = Object.entries(declared).map(([name, field]) => {
    const other = live[name]
    return [name, isObject(field) && isObject(other) ? keepBelow(field, other) : field] as const
  })
  return { ...live, ...Object.fromEntries(both) }
}

/** Fields below an object stay below an object, and further forms of a field stay those of a field. */
function keepBelow(declared: JsonObject, live: JsonObject): JsonObject {
  const key = isBranch(declared) ? 'properties' : 'fields'
  if (isBranch(declared) !== isBranch(live) || !isObject(live[key]) || declared['type'] === 'alias') return declared
  return { ...declared, [key]: keepFields(childOf(declared, key), childOf(live, key)) }
}

const branches: readonly unknown[] = [undefined, 'object', 'nested', 'passthrough']

function isBranch({ type }: JsonObject): boolean {
  return branches.includes(type)
}
