import { ToolError } from '../../core/tool-error.ts'
import type { PlannedChange, StoreContext } from '../contract.ts'
import type { DesiredState, DesiredTemplate } from './bodies.ts'
import { compareMappings, compareSettings, type DesiredIndex } from './compare-indices.ts'
import { type Declaration, firstIndex, seriesNames, type TemplateContent } from './declaration.ts'
import { mergeIndex } from './merge.ts'
import { abandonCopy, readMoves, removeKept } from './moves.ts'
import type { ElasticsearchDriver, ServerWrite, Simulation } from './ports.ts'
import { reindex } from './reindex.ts'
import type { WantedMove } from './reindex-ports.ts'

/** One change of the server. */
export interface Operation {
  readonly write: ServerWrite
  /** Indices that its loss affects. */
  readonly affected: readonly string[]
}

/** A change for people with its operation. */
export type ElasticsearchChange = PlannedChange<Operation>

/** A change that loses nothing. */
export function harmless(change: Omit<ElasticsearchChange['change'], 'loss'>, write: ServerWrite): ElasticsearchChange {
  return { change: { ...change, loss: null }, operation: { write, affected: [] } }
}

/** What a new index of a template is compared with. */
export interface Desired {
  readonly desired: Pick<DesiredState, 'templates' | 'indices'>
  readonly simulations: ReadonlyMap<string, Simulation>
  /** What the server makes of each index that nothing rolls over. */
  readonly contents: ReadonlyMap<string, TemplateContent>
}

/**
 * Writes to the server. After an index template, the server is asked what a new index of each of the template's series would look like.
 * @throws ToolError `STORE_OVERRULED` when that differs from the declaration: another template wins.
 */
export async function applyOperation(
  context: StoreContext<Declaration, ElasticsearchDriver>,
  { operation: { write } }: ElasticsearchChange,
  observation: Desired,
): Promise<void> {
  const { driver, server } = context
  if (write.type === 'reindex' || write.type === 'roll-over') await noteWanted(context, write.name, write.wanted)
  if (write.type === 'reindex') for (const [name, one] of write.besides) await noteWanted(context, name, [one])
  if (write.type === 'reindex') return reindex(context, write, desiredIndex(write.name, observation))
  if (write.type === 'merge') return mergeIndex(context, write)
  if (write.type === 'abandon-copy') return abandonCopy(context, write.name, write.isLast)
  if (write.type === 'remove-kept') return removeKept(context, write)
  await driver.write(write)
  if (write.type !== 'put-template') return
  const template = observation.desired.templates.find(({ name }) => name === write.name)
  if (template === undefined) return
  for (const series of seriesNames(template.source)) {
    const difference = await findOverruled(series, template, observation, driver)
    if (difference.paths.length > 0) throw overruled(write.name, series, difference, server)
  }
}

/** Before the first of them: a run that is killed between two leaves the others to the next one. */
async function noteWanted(
  { driver, prefix }: StoreContext<Declaration, ElasticsearchDriver>,
  name: string,
  wanted: readonly WantedMove[],
): Promise<void> {
  if (wanted.length === 0) return
  await driver.copy.writeMoves(prefix, name, { ...(await readMoves(driver, prefix, name)), wanted })
}

/** What the indices of an alias, or an index that nothing rolls over, are made of. */
function desiredIndex(alias: string, { desired, simulations, contents }: Desired): DesiredIndex {
  const plain = desired.indices.find(({ name }) => name === alias)
  const content = contents.get(alias)
  if (plain !== undefined && content !== undefined) return { template: { merged: plain.source }, simulation: content }
  const template = desired.templates.find(({ source }) => seriesNames(source).includes(alias))
  const simulation = simulations.get(template?.name ?? '')
  if (template === undefined || simulation === undefined) throw new Error(`no template is declared for ${alias}`)
  return { template, simulation }
}

interface Overruled {
  /** A value that a new index would have instead. */
  readonly paths: readonly string[]
  readonly overlapping: readonly string[]
}

/** Declared keys that a new index of the series would not have. */
export async function findOverruled(
  series: string,
  template: DesiredTemplate,
  { simulations }: Desired,
  driver: ElasticsearchDriver,
): Promise<Overruled> {
  const isAlias = template.source.series.type === 'alias'
  const { settings, mappings, overlapping } = await driver.simulateIndex(isAlias ? firstIndex(series) : series)
  const expected = simulations.get(template.name)?.mappings ?? {}
  const differences = [
    ...compareSettings(template.merged.settings, settings),
    ...compareMappings({ declared: template.merged.mappings, expected, live: mappings }),
  ]
  return { paths: differences.map(({ path }) => path), overlapping }
}

function overruled(template: string, series: string, { paths, overlapping }: Overruled, server: string): ToolError {
  const others = overlapping.length === 0 ? 'Another template' : overlapping.join(', ')
  return new ToolError('STORE_OVERRULED', {
    what: `Index template ${template} exists, but a new index of ${series} would not match it.`,
    where: { server },
    why: `${others} has a higher priority: ${paths.slice(0, 3).join(', ')} would differ.`,
    next: 'Increase `priority` in the declaration, or narrow the patterns of the other template.',
  })
}
