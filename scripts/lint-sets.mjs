// What `wwdb lint` says of public sets of migrations that `wwdb adopt` has taken over: `npm run lint-sets -- NAME=FOLDER ...`, each folder with the
// migrations of one database. Counts what a person sees: a rule once a file, errors and what stops a run each time. With --write the figures go to
// test/lint-sample/sets.json, from which `npm run lint-quality` makes a page.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { argv, exit, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const jiti = createJiti(import.meta.url)
const { lintSet, defaultCodes, strictCodes } = await jiti.import('../test/helpers/lint/lint-set.ts')

const listed = argv.flatMap((word) => (word.startsWith('--list=') ? word.slice('--list='.length) : []))
const sets = argv.slice(2).filter((word) => !word.startsWith('--'))
if (sets.length === 0) {
  stderr.write('usage: npm run lint-sets -- [--write] [--list=CODE] NAME=FOLDER ...\n')
  exit(64)
}

const rules = new Map()
const rows = []
for (const word of sets) {
  const [name, folder = name] = word.split('=')
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .map((file) => ({ name: file, text: readFileSync(join(folder, file), 'utf8') }))
  const { statements, refused, groups } = lintSet(files)
  for (const { code, stops, examples } of groups) {
    if (listed.includes(code)) stdout.write(`${name} ${code} ${examples.join(' ')}\n`)
    const rule = rules.get(code) ?? { lines: 0, stops: 0, sets: new Set(), examples: [] }
    rule.lines += 1
    rule.stops += stops ? 1 : 0
    rule.sets.add(basename(name))
    if (rule.examples.length < 3) rule.examples.push(...examples)
    rules.set(code, rule)
  }
  const stopping = groups.filter(({ stops, severity }) => stops || severity === 'error').length
  rows.push({
    name: basename(name),
    files: files.length,
    refused,
    statements,
    stopping,
    others: groups.length - stopping,
  })
}

const sum = (key) => rows.reduce((total, row) => total + row[key], 0)
const perHundred = (part, whole) => (whole === 0 ? '0.0' : ((100 * part) / whole).toFixed(1))
const found = [...rules].sort(([, one], [, other]) => other.lines - one.lines)
for (const row of rows)
  stdout.write(
    `${row.name}: ${row.statements} statements in ${row.files} files (${row.refused} refused), ${row.stopping} errors and stops, ${row.others} others: ${perHundred(row.others, row.statements)} in 100\n`,
  )
for (const [code, { lines, stops, sets: where, examples }] of found)
  stdout.write(`${String(lines).padStart(6)} ${code} (${stops} stop, ${where.size} sets) ${examples[0] ?? ''}\n`)
const silent = defaultCodes.filter((code) => !rules.has(code))
stdout.write(
  `in all: ${sum('statements')} statements, ${sum('stopping')} errors and stops, ${sum('others')} others: ${perHundred(sum('others'), sum('statements'))} in 100\n`,
)
stdout.write(`fired nowhere (${silent.length} of ${defaultCodes.length} that are on): ${silent.join(' ')}\n`)
if (argv.includes('--write')) {
  const figures = {
    sets: rows,
    rules: Object.fromEntries(
      found.map(([code, { lines, stops, sets: where }]) => [code, { lines, stops, sets: where.size }]),
    ),
    silent,
    strict: strictCodes,
  }
  writeFileSync(
    fileURLToPath(new URL('../test/lint-sample/sets.json', import.meta.url)),
    `${JSON.stringify(figures, null, 2)}\n`,
  )
}
