// Writes schemas/*.schema.json: what --json prints, for readers in any language. Run it when a result or an event changes;
// test/unit/terminal/schemas.test.ts fails until then.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createJiti } from 'jiti'

const folder = path.join(import.meta.dirname, '..', 'schemas')
const jiti = createJiti(import.meta.url)
const { generateSchemas } = await jiti.import('../src/terminal/json/schemas/published.ts')

await mkdir(folder, { recursive: true })
for (const [file, text] of generateSchemas()) await writeFile(path.join(folder, file), text)
