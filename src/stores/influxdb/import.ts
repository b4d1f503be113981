import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext } from '../contract.ts'
import { type StoreContents, toItem } from '../import-items.ts'
import type { Declaration } from './declaration.ts'
import { importAlerts } from './import-alerts.ts'
import { importBuckets, importMappings, importTokens } from './import-buckets.ts'
import { importLabels } from './import-labels.ts'
import { importTasks } from './import-tasks.ts'
import type { InfluxDriver } from './ports.ts'

/** All that the organization has, besides what belongs to InfluxDB and to wwdb; nothing where the server is not set up. */
export async function readContents({
  declaration,
  driver,
  server,
}: StoreContext<Declaration, InfluxDriver>): Promise<StoreContents> {
  const version = await driver.version()
  const names = await driver.listOrganizations()
  const name = chooseOrganization(names, declaration.organization.name, server)
  if (name === null) return { version, items: [], notDeclarable: [] }
  const state = await driver.observe({ ...declaration, organization: { name, description: null } }, 'all')
  if (state.type !== 'content') return { version, items: [], notDeclarable: [] }
  const { content } = state
  const { description } = content.organization
  const organization = toItem({ kind: 'organization', name }, 'organization', ['organization'], {
    name,
    ...(description === '' ? {} : { description }),
  })
  const parts = [
    importBuckets(content),
    importTasks(content),
    importAlerts(content),
    importLabels(content),
    importTokens(content),
    importMappings(content),
  ]
  return {
    version,
    // No file is read without it.
    items: [{ ...organization, always: true }, ...parts.flatMap(({ items }) => items)],
    notDeclarable: parts.flatMap(({ notDeclarable }) => notDeclarable),
  }
}

/** The declared one, else the only one; null where there is none. */
function chooseOrganization(names: readonly string[], declared: string, server: string): string | null {
  if (declared !== '') return declared
  const [first = null] = names
  if (names.length <= 1) return first
  throw new ToolError('USAGE', {
    what: `The server has ${names.length} organizations: \`${names.join('`, `')}\`.`,
    where: { server },
    why: 'The files of a folder declare one of them.',
    next: 'Declare the one that is meant, with one of its buckets, in a file of the folder, and import the rest of it.',
  })
}
