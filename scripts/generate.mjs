// Writes every generated file: `npm run generate`. With --check it writes nothing, names what is stale, and ends with 1.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { argv, exit, stderr } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { createJiti } from 'jiti'
import { rolldown } from 'rolldown'
import { answerExamples } from './answer-examples.mjs'
import { answerSchemas } from './answer-schemas.mjs'
import { answerTypes } from './answer-types.mjs'
import { answersText } from './answers-text.mjs'
import { doctorChecks } from './doctor-checks.mjs'
import { driverParts } from './driver-parts.mjs'
import { hazardRules } from './hazard-rules.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const jiti = createJiti(import.meta.url)

/** What is generated: texts by their path from the root of the repository. Rules are first: commands import their lists, which may name a file that is gone. */
const generators = [hazards, doctor, views, drivers, commands, configuration, declarations, answers, examples]

function hazards() {
  return hazardRules(root, jiti, argv.includes('--check'))
}

function doctor() {
  return doctorChecks(root, jiti)
}

/**
 * The registry of commands, from their files, which are bundled to be loaded. Some commands list all commands: where the registry is missing
 * they load an empty one.
 */
async function commands() {
  const { findCommandFiles, generateRegistry } = await jiti.import('./registry-text.ts')
  for (const [file, text] of generateRegistry(new Map()))
    await writeFile(join(root, file), text, { flag: 'wx' }).catch(() => {})
  const files = findCommandFiles(root)
  const dir = await mkdtemp(join(root, 'dist-commands-'))
  try {
    const input = Object.fromEntries(files.map((file, index) => [`command-${index}`, file]))
    const bundle = await rolldown({ cwd: root, input, platform: 'node', external: /^[^./]/, logLevel: 'silent' })
    await bundle.write({ dir, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' })
    await bundle.close()
    const load = async (file, index) => [file, (await import(pathToFileURL(join(dir, `command-${index}.mjs`)))).command]
    const registry = generateRegistry(new Map(await Promise.all(files.map(load))))
    return new Map([...registry, ['package.json', await listManPages(registry.get('src/cli/registry.generated.ts'))]])
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** npm links the pages of the manual that package.json names: one for the first word of every command. */
async function listManPages(registry) {
  const words = [...registry.matchAll(/^ {2}\{"name":"([a-z-]+)/gm)].map(([, word]) => `wwdb-${word}`)
  const man = ['wwdb', ...new Set(words)].map((name) => `./dist/man/${name}.1`)
  return asJson({ ...JSON.parse(await readFile(join(root, 'package.json'), 'utf8')), man })
}

async function configuration() {
  const { configJsonSchema } = await jiti.import('../src/config/json-schema.ts')
  return new Map([['schemas/config.schema.json', asJson(configJsonSchema())]])
}

/** What editors know of the declarations of stores. */
async function declarations() {
  const { storeKinds } = await jiti.import('../src/core/store.ts')
  const made = storeKinds.map(async (store) => {
    const { jsonSchema } = await jiti.import(`../src/stores/${store}/schema.ts`)
    return [`schemas/${store}-declaration.schema.json`, asJson(jsonSchema())]
  })
  return new Map(await Promise.all(made))
}

/** The union of the answers, and the table of how they look. */
function views() {
  return answersText(root)
}

function drivers() {
  return driverParts(root)
}

async function answers() {
  const schemas = answerSchemas(root)
  return new Map([...[...schemas].map(([file, text]) => [`schemas/${file}`, text]), ...(await answerTypes(schemas))])
}

/** An example of every answer, for the page of output. */
function examples() {
  return answerExamples(root, jiti)
}

function asJson(value) {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** package.json is compared by its value: npm lays it out. */
function isSame(file, present, text) {
  return file === 'package.json' ? isDeepStrictEqual(JSON.parse(present), JSON.parse(text)) : present === text
}

/** `npm run generate commands` runs one generator, by its name. */
const names = argv.slice(2).filter((word) => !word.startsWith('--'))
const stale = []
for (const generate of generators.filter(({ name }) => names.length === 0 || names.includes(name))) {
  for (const [file, text] of await generate()) {
    const present = await readFile(join(root, file), 'utf8').catch(() => null)
    if (present !== null && isSame(file, present, text)) continue
    stale.push(file)
    if (!argv.includes('--check')) await writeFile(join(root, file), text)
  }
}
if (argv.includes('--check') && stale.length > 0) {
  stderr.write(`Stale, so run \`npm run generate\`: ${stale.join(', ')}.\n`)
  exit(1)
}
