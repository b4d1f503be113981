// npm run mutate: changes one operator at a time in the pure modules, and counts how many changes the tests of `unit` notice.
//
//   node scripts/mutate.mjs [FOLDERS OF src/] [--count=N] [--seed=N]
//
// Each change is made in a copy of the repository; prints those that no test noticed, and a score for each folder.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { argv, env, execPath, kill, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { parseSync, Visitor } from 'oxc-parser'

const { randomFrom } = await createJiti(import.meta.url).import('../test/helpers/tool/seed.ts')

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pure = ['calendar', 'sql', 'ddl', 'migrations/plan', 'shards/rotation', 'grants', 'lint/review']

const options = new Map(
  argv.slice(2).flatMap((word) => {
    const [, name, value] = /^--(count|seed)=(\d+)$/.exec(word) ?? []
    return name === undefined ? [] : [[name, Number(value)]]
  }),
)
const chosen = argv.slice(2).filter((word) => !word.startsWith('--'))
const folders = (chosen.length === 0 ? pure : chosen).filter((folder) => isFolder(join(root, 'src', folder)))
const count = options.get('count') ?? 10
const seed = options.get('seed') ?? Number(env.SOAK_SEED ?? Date.now() % 1_000_000)

/** What an operator becomes: its neighbor, which a test of a border or of a case notices. */
const neighbors = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
}

function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** Every change that a file allows: where, and the text that takes the place of what is there. */
function listMutations(text) {
  const found = []
  const flip = ({ left, right, operator }) => {
    const other = neighbors[operator]
    if (other === undefined) return
    const at = text.indexOf(operator, left.end)
    // A `+` beside a text joins two texts: the opposite is no mistake that anyone makes.
    const joins =
      operator === '+' &&
      [left, right].some(({ type, value }) => type === 'TemplateLiteral' || typeof value === 'string')
    if (at >= 0 && at < right.start && !joins) found.push({ start: at, end: at + operator.length, text: other })
  }
  new Visitor({
    BinaryExpression: flip,
    LogicalExpression: flip,
    Literal: ({ value, start, end }) => {
      if (typeof value === 'boolean') found.push({ start, end, text: String(!value) })
    },
    UnaryExpression: ({ operator, start, argument }) => {
      if (operator === '!') found.push({ start, end: argument.start, text: '' })
    },
  }).visit(parseSync('file.ts', text).program)
  return found
}

/** A copy whose files may be changed. */
function copyRepository() {
  const copy = mkdtempSync(join(tmpdir(), 'wwdb-mutants-'))
  const left = new Set(['node_modules', '.git', 'dist'])
  for (const name of readdirSync(root)) {
    if (!left.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** How long the tests of one change may take, in milliseconds: what is not over by then is counted for itself, since a busy machine is as slow. */
const longest = 600_000

/** Runs a program of Node in the copy: `failed`, `passed`, or `late` where it was ended, with its workers. */
function run(copy, program, words) {
  const args = [join(root, 'node_modules', program), ...words]
  const child = spawn(execPath, args, { cwd: copy, stdio: 'ignore', detached: true })
  return new Promise((settle) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      kill(-child.pid, 'SIGKILL')
    }, longest)
    child.once('close', (code) => {
      clearTimeout(timer)
      settle(late ? 'late' : code === 0 ? 'passed' : 'failed')
    })
  })
}

const runTests = (copy, words) =>
  run(copy, 'vitest/vitest.mjs', [...words, '--project', 'unit', '--bail=1', '--reporter=dot'])

/** The tests of the folder, or of the nearest one around it. */
function testsOf(copy, folder) {
  const own = join('test/unit', folder)
  return isFolder(join(copy, own)) ? own : testsOf(copy, dirname(folder))
}

/**
 * The folder's own tests notice most changes, in seconds, the longest apart. What they let pass is shown to the compiler, since nobody can make a change that it
 * refuses (`refused`), and then to all tests that load the file.
 */
async function testChange(copy, folder, file) {
  const first = await runTests(copy, ['run', testsOf(copy, folder), '--exclude', '**/*.property.test.ts'])
  if (first !== 'passed') return first
  const types = await run(copy, 'typescript/bin/tsc', ['-p', '.', '--noEmit'])
  return types === 'failed' ? 'refused' : runTests(copy, ['related', '--run', file])
}

function* drawMutants(folder, random) {
  const files = readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' }).filter(
    (name) =>
      name.endsWith('.ts') && !name.endsWith('.generated.ts') && !/(?:^|\/)(?:mysql|commands|rules)\//.test(name),
  )
  const places = files.sort().flatMap((name) => {
    const file = `src/${folder}/${name}`
    return listMutations(readFileSync(join(root, file), 'utf8')).map((mutation) => ({ file, mutation }))
  })
  for (let drawn = 0; drawn < count && places.length > 0; drawn += 1)
    yield places.splice(Math.floor(random() * places.length), 1)[0]
}

async function tryMutant(copy, folder, { file, mutation: { start, end, text } }) {
  const before = readFileSync(join(root, file), 'utf8')
  writeFileSync(join(copy, file), before.slice(0, start) + text + before.slice(end))
  const outcome = await testChange(copy, folder, file)
  writeFileSync(join(copy, file), before)
  if (outcome === 'passed' || outcome === 'late') {
    const line = before.slice(0, start).split('\n').length
    const word = outcome === 'late' ? 'late' : 'lives'
    stdout.write(`  ${word}: ${file}:${line} \`${before.slice(start, end)}\` became \`${text}\`\n`)
  }
  return outcome
}

const copy = copyRepository()
try {
  stdout.write(`Changes of one operator, ${count} a folder, seed ${seed} (--seed=${seed} draws the same).\n`)
  for (const folder of folders) {
    const outcomes = []
    for (const mutant of drawMutants(folder, randomFrom(seed))) outcomes.push(await tryMutant(copy, folder, mutant))
    const late = outcomes.filter((outcome) => outcome === 'late').length
    const refused = outcomes.filter((outcome) => outcome === 'refused').length
    const judged = outcomes.length - late - refused
    const noticed = outcomes.filter((outcome) => outcome === 'failed').length
    const score = judged === 0 ? 'no score' : `${Math.round((noticed / judged) * 100)} in 100`
    const others = [
      late === 0 ? '' : `, ${late} not over in time`,
      refused === 0 ? '' : `, ${refused} refused by the compiler`,
    ]
    stdout.write(`${folder}: ${noticed} of ${judged} noticed (${score})${others.join('')}\n`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
