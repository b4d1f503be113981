// Writes schemas/elasticsearch-declaration.schema.json, which editors use. Run it when src/stores/elasticsearch/declare/schema.ts changes; a test
// finds a stale one.
import { writeFileSync } from 'node:fs'
import { createJiti } from 'jiti'

const jiti = createJiti(import.meta.url)
const { elasticsearchJsonSchema } = await jiti.import('../src/stores/elasticsearch/declare/json-schema.ts')

const file = new URL('../schemas/elasticsearch-declaration.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(elasticsearchJsonSchema(), null, 2)}\n`)
