import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext } from '../contract.ts'
import { type DesiredIndex, isFixedSetting, settingDefaults } from './compare-indices.ts'
import { childOf, compareTrees, extraBranches, flattenSettings } from './compare-trees.ts'
import type { Declaration, TemplateContent } from './declaration.ts'
import { isRefusal } from './errors.ts'
import { keepHandMade } from './keep-hand-made.ts'
import type { ElasticsearchDriver, ServerWrite } from './ports.ts'
import { copyFailed, givenByTemplate, type Named } from './reindex-errors.ts'
import type { LiveIndex } from './reindex-ports.ts'
import { shortList } from './series-situation.ts'
import { isOfServer } from './server-settings.ts'

type Context = StoreContext<Declaration, ElasticsearchDriver>
type Reindex = Extract<ServerWrite, { readonly type: 'reindex' }>

/**
 * Creates the copy of a reindex with its ID as its mark. Templates that match the name of an index that nothing rolls over may not match that of its copy: what
 * they would give it is taken back, or the copy is removed before a document is in it.
 * @throws ToolError where a template gives it fields or aliases, or makes data streams alone of such a name.
 */
export async function makeCopy(context: Context, named: Named, wish: Reindex, id: string): Promise<void> {
  const { driver } = context
  const { copy, content, series } = wish
  if (series !== 'index') return driver.copy.createCopy(copy, content, id)
  const given = flattenSettings((await driver.simulateIndex(copy)).settings)
  const own = flattenSettings(content.settings)
  const taken = [...given.keys()].filter((key) => !own.has(key) && !isOfServerAlone(key) && !isPart(key))
  const settings = { ...Object.fromEntries(taken.map((key) => [key, null])), ...content.settings }
  await driver.copy.createCopy(copy, { ...content, settings }, id).catch((error: unknown) => {
    throw isOfStreams(error) ? givenByTemplate(named, 'only data streams') : error
  })
  const made = await driver.copy.readIndex(copy)
  if (made?.mark !== id) return
  // The server keeps a setting that was null when an index is made, and what reads it would take it for a name.
  const changeable = taken.filter((key) => !isFixedSetting(key))
  if (changeable.length > 0) {
    const body = Object.fromEntries(changeable.map((key) => [key, null]))
    await driver.write({ type: 'put-settings', index: copy, body, changesPolicy: false })
  }
  const others = findGiven(made, { settings, mappings: (await driver.simulateContent(copy, content)).mappings })
  if (others.length === 0) return
  await driver.remove('index', copy)
  throw givenByTemplate(named, shortList(others))
}

/** What an index has that it was not made of. Of `_meta`, only what is declared stays when it has been filled. */
function findGiven(made: LiveIndex, { settings, mappings }: TemplateContent): readonly string[] {
  const asked = flattenSettings(settings)
  const { _meta: _, ...own } = made.mappings
  return [
    ...made.aliases.map((alias) => `alias ${alias}`),
    ...[...flattenSettings(made.settings)]
      .filter(([key, value]) => !asked.has(key) && settingDefaults.get(key) !== value && !isOfServerAlone(key))
      .map(([key]) => key),
    ...extraBranches(mappings, own, 'mappings').map(({ path }) => path),
  ]
}

/** An analyzer without its type would be refused: what has one of a template is refused as a whole. */
function isPart(key: string): boolean {
  return key.startsWith('index.analysis.') || key.startsWith('index.similarity.')
}

/** A template gives an index its lifecycle and its blocks as well. */
function isOfServerAlone(key: string): boolean {
  return isOfServer(key) && !key.startsWith('index.lifecycle.') && !key.startsWith('index.blocks.')
}

function isOfStreams(error: unknown): boolean {
  return (
    isRefusal(error) && error instanceof ToolError && error.faults.some(({ why = '' }) => why.includes('data stream'))
  )
}

/** Takes the mark of the reindex away, with what is left of `_meta`. */
export async function removeMark({ driver }: Context, { series, copy, content }: Reindex, desired: DesiredIndex) {
  const { mappings } = series === 'index' ? content : desired.template.merged
  await driver.write({ type: 'put-mapping', index: copy, body: { _meta: mappings['_meta'] ?? {} } })
}

/**
 * Fields that no file declares and that documents brought meanwhile are guessed by both indices, each from the document that it had first. Writes are blocked.
 * @throws ToolError where the copy has another type: searches would find other documents.
 */
export async function alignFields(
  { driver }: Context,
  named: Named,
  { series, source, copy }: Reindex,
  { template, simulation }: DesiredIndex,
): Promise<void> {
  if (series !== 'index') return
  const [from, to] = [await driver.copy.readIndex(source), await driver.copy.readIndex(copy)]
  if (from === null || to === null) return
  const { properties } = keepHandMade(template.merged, simulation, from).content.mappings
  const [wanted, found] = [childOf({ properties }, 'properties'), childOf(to.mappings, 'properties')]
  const differences = compareTrees(wanted, found, '')
  if (differences.length === 0) return
  const body = { properties }
  await driver.write({ type: 'put-mapping', index: copy, body }).catch((error: unknown) => {
    if (!isRefusal(error)) throw error
    const paths = shortList(differences.map(({ path }) => path))
    const why = `Fields that no file declares have another type in ${copy}, as other documents came first: ${paths}`
    throw copyFailed(named, why, 'Declare these fields, then run the command again: it begins again.')
  })
}
