// What `wwdb lint` finds of the faults in test/lint-corpus, what it misses, and where it cries wolf: `npm run lint-quality`. With --write the
// table in docs/reference/lint-quality.md is written again. The corpus' labels are comments: `-- expect: CODE[, CODE]` on the line above a statement.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const root = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url)
const { lintCorpusFile } = await jiti.import('../test/helpers/lint-fixture.ts')

/** Goals of the issue, over all rules. */
const goals = { precision: 0.95, recall: 0.95 }

const folder = join(root, 'test/lint-corpus')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.sql'))
  .sort()
const counts = new Map()
const wrong = []
let statements = 0
for (const file of files) {
  const result = lintCorpusFile(readFileSync(join(folder, file), 'utf8'))
  statements += result.statements
  for (const { line, code, outcome } of result.outcomes) {
    const count = counts.get(code) ?? { found: 0, missed: 0, false: 0 }
    count[outcome] += 1
    counts.set(code, count)
    if (outcome !== 'found') wrong.push(`${outcome} ${code} at ${file}:${line}`)
  }
}

const sum = (name) => [...counts.values()].reduce((total, count) => total + count[name], 0)
const [found, missed, noise] = [sum('found'), sum('missed'), sum('false')]
const rate = (part, whole) => (whole === 0 ? 1 : part / whole)
const precision = rate(found, found + noise)
const recall = rate(found, found + missed)
const rows = [...counts].sort(([one], [other]) => (one < other ? -1 : 1))
const table = [
  '| rule | found | missed | false |',
  '| --- | --- | --- | --- |',
  ...rows.map(([code, count]) => `| \`${code}\` | ${count.found} | ${count.missed} | ${count.false} |`),
  `| in all | ${found} | ${missed} | ${noise} |`,
].join('\n')
const summary = `${statements} statements in ${files.length} files: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}.`
stdout.write(`${table}\n\n${summary}\n${wrong.map((line) => `${line}\n`).join('')}`)
if (argv.includes('--write')) {
  const date = new Date().toISOString().slice(0, 10)
  const text = `# What lint finds, and what it misses\n\nMeasured on ${date} with \`npm run lint-quality\` over the labeled statements of test/lint-corpus. \`found\` counts labels that the rule found, \`missed\` those that it did not, \`false\` what it found without a label.\n\n${summary}\n\n${table}\n`
  writeFileSync(join(root, 'docs/reference/lint-quality.md'), text)
}
if (precision < goals.precision || recall < goals.recall) exit(1)
