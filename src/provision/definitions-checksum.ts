import { createHash } from 'node:crypto'
import type { Config } from '../config/config.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { checksumFolders } from '../migrations/files/folder.ts'
import { periodsAhead } from '../shards/plan-missing.ts'
import { readFamilies } from '../shards/templates/read-families.ts'

/** Counts up when recipes change their form: templates that an older build made are not read then, but made anew. */
const recipeForm = 2

/** What a set depends on beside the files of the project. */
interface Circumstances {
  readonly toolVersion: string
  readonly serverVersion: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * SHA-256 (hex) of all that a set is made from: files of migrations, templates and seeds, what the configuration says about
 * them, the periods that need a table at this moment, and the versions of tool and server.
 */
export async function checksumDefinitions(config: Config, circumstances: Circumstances): Promise<string> {
  const { toolVersion, serverVersion, now } = circumstances
  const { databases, environment, references, outOfOrder, rotation } = config
  const folders = new Map(
    databases.flatMap(({ name, migrations, templates, seeds }) => [
      [`migrations/${name}`, migrations],
      [`templates/${name}`, templates],
      [`seeds/${name}`, seeds],
    ]),
  )
  const families = await readFamilies(config)
  const facts = {
    files: checksumFolders(folders),
    databases: databases.map(({ name, server }) => [name, server.label]),
    settings: [
      environment,
      references,
      outOfOrder,
      rotation.overrides.map(({ family, header, text }) => [family, header, text]),
    ],
    periods: families.map((family) => [family.database, family.name, periodsOf(family, now)]),
    versions: [toolVersion, serverVersion, recipeForm],
  }
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}

/** Tables are made for these: when the calendar goes on, the template is another. */
function periodsOf(family: ShardFamily, now: number): readonly string[] {
  const { division } = family
  return division.type === 'period' ? periodsAhead(family, division, now, 0).map(({ key }) => key) : []
}
