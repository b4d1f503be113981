// What `wwdb lint` finds of the faults in test/lint-corpus, what it misses, and where it cries wolf: `npm run lint-quality`. With --write the
// tables in docs/reference/lint-quality.md are written again. The corpus' labels are comments: `-- expect: CODE[, CODE]` on the line above a statement.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const root = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url)
const { lintCorpusFile, lintSampleFile } = await jiti.import('../test/helpers/lint/lint-fixture.ts')

/** Goals of the issue, over all rules. */
const goals = { precision: 0.95, recall: 0.95, noise: 0.03 }

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

/** What reviewers called useful and noise in schemas that people write by hand: test/lint-sample. */
function measureSample() {
  const folder = join(root, 'test/lint-sample')
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  const read = names.map((name) => ({ name, ...lintSampleFile(readFileSync(join(folder, name), 'utf8')) }))
  const statements = read.reduce((total, each) => total + each.statements, 0)
  const findings = read.flatMap(({ name, findings }) => findings.map((finding) => ({ name, ...finding })))
  const noisy = findings.filter(({ label }) => label !== 'useful')
  const codes = [...new Set(findings.map(({ code }) => code))].sort()
  const count = (code, label) => findings.filter((each) => each.code === code && each.label === label).length
  return {
    share: noisy.length / statements,
    noisy: noisy.map(({ name, line, code, label }) => `${label} ${code} at ${name}:${line}`),
    summary: `${statements} statements in ${read.length} files: ${findings.length} errors and warnings, ${noisy.length} of them noise, which is ${((100 * noisy.length) / statements).toFixed(1)} in 100 statements.`,
    table: [
      '| rule | useful | noise |',
      '| --- | --- | --- |',
      ...codes.map((code) => `| \`${code}\` | ${count(code, 'useful')} | ${count(code, 'noise')} |`),
    ].join('\n'),
  }
}

/** What `npm run lint-sets -- --write` wrote of public sets. */
function describeSets() {
  const { sets, rules, silent, strict } = JSON.parse(readFileSync(join(folderOfSample, 'sets.json'), 'utf8'))
  const total = (key) => sets.reduce((sum, row) => sum + row[key], 0)
  const rate = (part, whole) => (whole === 0 ? '0.0' : ((100 * part) / whole).toFixed(1))
  const inCorpus = silent.filter((code) => counts.has(code))
  const others = silent.filter((code) => !counts.has(code))
  const quote = (codes) => codes.map((code) => `\`${code}\``).join(', ')
  return `Over ${sets.length} public sets of migrations for MySQL, which \`wwdb adopt\` took over: each file judged as pending, without a server. A rule that says the same of several statements
of a file counts once, as it is printed; errors and what stops a run (a DROP with rows, a copy under a lock) count each time.

${total('statements')} statements in ${total('files')} files: ${total('stopping')} errors and stops (${rate(total('stopping'), total('statements'))} in 100 statements), and ${total('others')} warnings and hints (${rate(total('others'), total('statements'))} in 100): together ${rate(total('stopping') + total('others'), total('statements'))} in 100, where the goal is at most 15.

| set | files | statements | errors and stops | others | others in 100 |
| --- | --- | --- | --- | --- | --- |
${sets.map((row) => `| ${row.name} | ${row.files} | ${row.statements} | ${row.stopping} | ${row.others} | ${rate(row.others, row.statements)} |`).join('\n')}

| rule | times | in sets |
| --- | --- | --- |
${Object.entries(rules)
  .map(([code, { lines, sets: where }]) => `| \`${code}\` | ${lines} | ${where} |`)
  .join('\n')}

Of the \`DOWN_NOT_INVERSE\` and \`UNKNOWN_INDEX\`, 15 were looked at (kratos, hydra, keto, gophish): each \`DOWN_NOT_INVERSE\` is a table that stays after \`wwdb rollback\` of that file alone, so that \`migrate\` fails with 1050 (kratos shifts its down files by one; others have an
empty one), and each \`UNKNOWN_INDEX\` a down part that fails with 1091, because a later file drops the index and brings nothing back.

${silent.length} rules that are on found nothing there. Of these, the labeled statements of test/lint-corpus have ${inCorpus.length}: ${quote(inCorpus)}.

The other ${others.length} stay on because what they find loses data, fails, or gives wrong answers, however seldom it is written, or because they are asked only with \`--target-version\`, with a
server, or of shards and templates, which these sets have not. Their examples are their fixtures, of which servers show the claims: ${quote(others)}.

In the strict set, which is off (\`--strict\`, \`lint.strict\`), are rules about form more than harm: ${quote(strict)}.`
}

const folderOfSample = join(root, 'test/lint-sample')
const sample = measureSample()
stdout.write(`${table}\n\n${summary}\n${wrong.map((line) => `${line}\n`).join('')}\n`)
stdout.write(`${sample.table}\n\n${sample.summary}\n${sample.noisy.map((line) => `${line}\n`).join('')}`)
if (argv.includes('--write')) {
  const date = new Date().toISOString().slice(0, 10)
  const text = `# What lint finds, and what it misses

Measured on ${date} with \`npm run lint-quality -- --write\`, which writes this page.

## Faults

Over the labeled statements of test/lint-corpus, true faults and look-alikes. \`found\` counts labels that the rule found, \`missed\` those that it did not, \`false\` errors and
warnings without a label. How the labels came about is in test/lint-corpus/README.md.

${summary}

${table}

## Noise

Over test/lint-sample: statements as people write them by hand. A reviewer's word for each error and warning.

${sample.summary}

${sample.table}

## Public sets

${describeSets()}

A developer measures other sets by \`wwdb adopt\` and \`npm run lint-sets -- NAME=migrations/DATABASE ...\`; \`--list=CODE\` prints what a rule says, \`--write\` keeps the figures for this page.
`
  writeFileSync(join(root, 'docs/reference/lint-quality.md'), text)
}
if (precision < goals.precision || recall < goals.recall || sample.share > goals.noise) exit(1)
