// Writes biome.rooms.json. Run it when scripts/rooms.ts changes; a test finds a stale one.
import { writeFile } from 'node:fs/promises'
import { createJiti } from 'jiti'

const { lintRules } = await createJiti(import.meta.url).import('./lint-rules.ts')
await writeFile(new URL('../biome.rooms.json', import.meta.url), lintRules())
