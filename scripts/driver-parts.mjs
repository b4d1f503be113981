// The list of the parts of drivers, from their files: each `src/<capability>/mysql/*.ts` that exports a `driver` builds what is behind one port.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const head = '// Made by `npm run generate` from the drivers of the capabilities; a test compares it. Do not edit it.'

export function driverParts(root) {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => /^[^/]+\/mysql\/[^/]+\.ts$/.test(name)).toSorted()
  const drivers = files.filter((file) => /^export const driver\b/m.test(readFileSync(join(root, 'src', file), 'utf8')))
  const lines = drivers.map((file) => {
    const name = file.replace('/mysql/', '/').replace(/\.ts$/, '')
    return `  '${name}': async () => (await import('../${file}')).driver,`
  })
  const text = `${head}
import type { Driver } from '../mysql/door.ts'

/** Builds what is behind each port, by the port's name. */
export const drivers: Readonly<Record<string, () => Promise<Driver<unknown>>>> = {
${lines.join('\n')}
}
`
  return new Map([['src/cli/drivers.generated.ts', text]])
}
