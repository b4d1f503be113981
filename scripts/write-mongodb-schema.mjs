// Writes schemas/mongodb-declaration.schema.json, which editors use. Run it when src/stores/mongodb/declare/schema.ts changes; a test finds a stale one.
import { writeFileSync } from 'node:fs'
import { createJiti } from 'jiti'

const jiti = createJiti(import.meta.url)
const { mongodbJsonSchema } = await jiti.import('../src/stores/mongodb/declare/json-schema.ts')

const file = new URL('../schemas/mongodb-declaration.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(mongodbJsonSchema(), null, 2)}\n`)
