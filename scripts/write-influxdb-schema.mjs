// Writes schemas/influxdb-declaration.schema.json, which editors use. Run it when src/stores/influxdb/declare/schema.ts changes; a
// test finds a stale one.
import { writeFileSync } from 'node:fs'
import { createJiti } from 'jiti'

const jiti = createJiti(import.meta.url)
const { influxdbJsonSchema } = await jiti.import('../src/stores/influxdb/declare/json-schema.ts')

const file = new URL('../schemas/influxdb-declaration.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(influxdbJsonSchema(), null, 2)}\n`)
