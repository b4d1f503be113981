// Writes schemas/redis-declaration.schema.json, which editors use. Run it when src/stores/redis/declare/schema.ts changes; a test finds a
// stale one.
import { writeFileSync } from 'node:fs'
import { createJiti } from 'jiti'

const jiti = createJiti(import.meta.url)
const { redisJsonSchema } = await jiti.import('../src/stores/redis/declare/json-schema.ts')

const file = new URL('../schemas/redis-declaration.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(redisJsonSchema(), null, 2)}\n`)
