import { ToolError } from '../../core/tool-error.ts'
import type { DesiredTemplate } from './bodies.ts'
import { compareMappings } from './compare-mappings.ts'
import { compareSettings } from './compare-settings.ts'
import { firstIndex, seriesNames } from './name-resources.ts'
import type { ElasticsearchDriver } from './ports.ts'
import type { View } from './session.ts'

/**
 * Asks the server what a new index of each of a template's series would be now.
 * @throws ToolError `STORE_OVERRULED` when that is not what is declared: another template wins.
 */
export async function checkInForce(name: string, view: View, driver: ElasticsearchDriver): Promise<void> {
  const template = view.desired.templates.find((one) => one.name === name)
  if (template === undefined) return
  for (const series of seriesNames(template.source)) {
    const wrong = await findOverruled(series, template, view, driver)
    if (wrong.paths.length > 0) throw overruled(name, series, wrong, driver.server)
  }
}

interface Overruled {
  /** What a new index would have otherwise. */
  readonly paths: readonly string[]
  readonly overlapping: readonly string[]
}

/** Declared keys that a new index of the series would not have. */
export async function findOverruled(
  series: string,
  template: DesiredTemplate,
  view: View,
  driver: ElasticsearchDriver,
): Promise<Overruled> {
  const isAlias = template.source.series.type === 'alias'
  const { settings, mappings, overlapping } = await driver.simulateIndex(isAlias ? firstIndex(series) : series)
  const expected = view.simulations.get(template.name)?.mappings ?? {}
  const differences = [
    ...compareSettings(template.merged.settings, settings),
    ...compareMappings({ declared: template.merged.mappings, expected, live: mappings }),
  ]
  return { paths: differences.map(({ path }) => path), overlapping }
}

function overruled(template: string, series: string, { paths, overlapping }: Overruled, server: string): ToolError {
  const others = overlapping.length === 0 ? 'another template' : overlapping.join(', ')
  return new ToolError('STORE_OVERRULED', {
    what: `Index template ${template} is there, but a new index of ${series} would not be as it says.`,
    where: { server },
    why: `${others} wins with a higher priority: ${paths.slice(0, 3).join(', ')} would be otherwise.`,
    next: 'Raise the priority in the declaration, or narrow the patterns of the other template.',
  })
}
