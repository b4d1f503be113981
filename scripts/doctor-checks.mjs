// The list of the checks of `wwdb doctor` and their table in the documentation, from the files of src/doctor/checks.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The order in which findings of one severity are shown: from the configuration to the stores. */
const order = [
  'configuration',
  'files',
  'connection',
  'version',
  'settings',
  'logging',
  'time',
  'accounts',
  'definers',
  'replication',
  'runs',
  'shards',
  'capacity',
  'safety',
  'stores',
]

export async function doctorChecks(root, jiti) {
  const folder = join(root, 'src/doctor/checks')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3))
  const rank = (file) => `${String(order.indexOf(file) + 100)} ${file}`
  const sorted = files.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))
  const lists = await Promise.all(
    sorted.map(async (file) => {
      const exported = Object.entries(await jiti.import(join(folder, `${file}.ts`)))
      const [name, checks] = exported.find(([, value]) => Array.isArray(value)) ?? []
      if (name === undefined) throw new Error(`src/doctor/checks/${file}.ts exports no list of checks`)
      return { file, name, checks }
    }),
  )
  const imports = lists
    .toSorted((one, other) => (one.file < other.file ? -1 : 1))
    .map(({ file, name }) => `import { ${name} } from './checks/${file}.ts'`)
  const list = `// Made by \`npm run generate\` from src/doctor/checks; do not edit.
import type { Check } from './check.ts'
${imports.join('\n')}

/** Every check, in the order in which findings are shown. docs/operations/doctor.md lists the same. */
export const checks: readonly Check[] = [
${lists.map(({ name }) => `  ...${name},`).join('\n')}
]
`
  const page = 'docs/operations/doctor.md'
  const rows = lists.flatMap(({ checks }) =>
    checks.map(({ code, severity, asks }) => `| \`${code}\` | ${severity} | ${asks.en} |`),
  )
  const text = await readFile(join(root, page), 'utf8')
  return new Map([
    ['src/doctor/checks.generated.ts', list],
    [page, text.replace(/(?:^\| `[a-z-]+` \| (?:error|warning) \| .*\n)+/m, () => `${rows.join('\n')}\n`)],
  ])
}
