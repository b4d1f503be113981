// The lists of rules and the codes of hazards in the documentation, from the files of src/lint/rules.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileOf, removePages, rulePages, stalePages } from './rule-pages.mjs'

const kinds = ['destructive', 'blocking', 'rebuilding', 'unresumable', 'advisory']

/** Every rule with the name of its export and its file, by kind, then by code: the order in which a statement's hazards are shown. */
async function readRules(root, jiti) {
  const folder = join(root, 'src/lint/rules')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  const found = files.map(async (file) => {
    const exported = Object.entries(await jiti.import(join(folder, file)))
    const own = exported.flatMap(([name, rule]) => (typeof rule?.code === 'string' ? [{ name, file, ...rule }] : []))
    const code = file.slice(0, -3).toUpperCase().replaceAll('-', '_')
    if (own.length !== 1 || own[0].code !== code)
      throw new Error(`src/lint/rules/${file} must hold the rule ${code}, and no other.`)
    return own
  })
  const rules = (await Promise.all(found)).flat()
  const rank = ({ kind, code }) => `${kinds.indexOf(kind)} ${code}`
  return rules.toSorted((left, right) => (rank(left) < rank(right) ? -1 : 1))
}

/** Imports of rules from their files. */
function importsOf(rules) {
  const files = [...new Set(rules.map(({ file }) => file))].toSorted()
  const imports = files.map((file) => {
    const names = rules.filter((rule) => rule.file === file).map(({ name }) => name)
    return `import { ${names.toSorted().join(', ')} } from './rules/${file}'`
  })
  return imports.join('\n')
}

export async function hazardRules(root, jiti, isCheck = false) {
  const all = await readRules(root, jiti)
  const pages = rulePages(all)
  if (!isCheck) removePages(root, stalePages(root, pages))
  const rules = all.filter(({ kind }) => kind !== undefined)
  const reviews = all.filter(({ kind }) => kind === undefined).toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const list = `// Made by \`npm run generate\` from src/lint/rules; do not edit.
import type { HazardRule } from './rule.ts'
${importsOf(rules)}

/** Every rule, in the order in which a statement's hazards are shown. docs/reference/hazards.md lists their codes. */
export const hazardRules: readonly HazardRule[] = [
${rules.map(({ name }) => `  ${name},`).join('\n')}
]
`
  const codes = `// Made by \`npm run generate\` from src/lint/rules; do not edit.

/** The codes of all hazards, without the rules themselves: headers and \`--allow\` are checked in every run, most of which judge nothing. */
export const hazardCodes: readonly string[] = [
${rules.map(({ code }) => `  '${code}',`).join('\n')}
]

/** Those that stop a run until they are allowed. */
export const stoppingCodes: ReadonlySet<string> = new Set([
${rules.flatMap(({ code, stops }) => (stops ? [`  '${code}',`] : [])).join('\n')}
])

/** Those that stop it in a protected environment alone. */
export const protectedCodes: ReadonlySet<string> = new Set([${rules
    .flatMap(({ code, stopsProtected }) => (stopsProtected ? [`'${code}'`] : []))
    .join(', ')}])
`
  const reviewList = `// Made by \`npm run generate\` from src/lint/rules; do not edit.
import type { LintRule } from './rule.ts'
${importsOf(reviews)}

/** The rules of review, which stop no run, by code. Only \`wwdb lint\` loads them. */
export const reviewRules: readonly LintRule[] = [
${reviews.map(({ name }) => `  ${name},`).join('\n')}
]
`
  const page = 'docs/reference/hazards.md'
  const table = kinds.map((kind) => {
    const codes = rules.filter((rule) => rule.kind === kind).map(({ code }) => `[\`${code}\`](rules/${fileOf(code)})`)
    return `| ${kind} | ${codes.join(', ')} |\n`
  })
  const text = await readFile(join(root, page), 'utf8')
  return new Map([
    ...pages,
    ['src/lint/rules.generated.ts', list],
    ['src/lint/hazard-codes.generated.ts', codes],
    ['src/lint/review-rules.generated.ts', reviewList],
    [page, text.replace(/(?:^\| [a-z]+ \| \[`[A-Z_]+`\].*\n)+/m, () => table.join(''))],
  ])
}
