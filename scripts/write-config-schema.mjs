// Writes schemas/config.schema.json, which editors use. Run it when src/config/schema.ts changes; a test finds a stale one.
import { writeFileSync } from 'node:fs'
import { createJiti } from 'jiti'

const jiti = createJiti(import.meta.url)
const { configJsonSchema } = await jiti.import('../src/config/json-schema.ts')

const file = new URL('../schemas/config.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
