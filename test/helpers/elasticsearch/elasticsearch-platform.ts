import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../../migrations/elasticsearch')

/** The platform's own declarations, as files of a project. */
export const platformFiles: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder).map((name) => [`migrations/elasticsearch/${name}`, readFileSync(join(folder, name), 'utf8')]),
)

/** How many steps they take on an empty server. */
export const platformSteps = 15
