// Packs the archive's driver as the tool's own bundle holds it. A process of its own: what a process that starts others has in
// memory counts as theirs, too (Linux keeps the peak over exec), and the bundler has more than an archive may take.
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const input = fileURLToPath(new URL('../src/shards/archive/archive-port.ts', import.meta.url))
const bundle = await rolldown({ input, platform: 'node' })
await bundle.write({ file: argv[2], format: 'cjs', minify: true })
await bundle.close()
