// npm run soak: the tests that have more to try than `npm test` has time for, with their full numbers.
//
//   node scripts/soak.mjs [FILES OR FOLDERS] [OPTIONS OF VITEST]
//
// Without files all of them run: property tests of `unit`, every point of `chaos`, the properties of schemas, the trial of every right and
// hostile session variables on real servers; then the pure modules are changed, one operator at a time (scripts/mutate.mjs).
import { spawn, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const everything = [
  'test/unit',
  'test/chaos',
  'test/integration/ddl',
  'test/integration/schema',
  'test/integration/grants/trial.test.ts',
  'test/integration/mysql/hostile-globals.test.ts',
  'test/integration/mysql/hostile-mixtures.test.ts',
]
const projects = ['unit', 'chaos', 'integration'].flatMap((name) => ['--project', name])

const given = argv.slice(2)
const chosen = given.some((word) => word.startsWith('test/')) ? given : [...everything, ...given]
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const child = spawn(execPath, [vitest, 'run', ...projects, ...chosen], {
  cwd: root,
  stdio: 'inherit',
  env: { ...env, WWDB_SOAK: '1' },
})
// A terminal sends Ctrl-C to both: vitest ends its servers, and we wait for that.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.once('close', (code) => {
  // What a person asked for by name is all that is run.
  const isWhole = !given.some((word) => word.startsWith('test/'))
  if (isWhole) spawnSync(execPath, [join(root, 'scripts/mutate.mjs')], { cwd: root, stdio: 'inherit' })
  exit(code ?? 1)
})
