import { makeFiveDatabases } from './five-databases.mjs'
import { differenceFigure, interleave, measureIfMain, runEmptyNode, runWwdb } from './harness.mjs'
import { createEntries, insertRow, makeProject, migrations, resetSchemas } from './project.mjs'

/** Nothing to do: with 1,000 migrations applied, and over five databases. @type {import('./harness.mjs').Measure} */
export async function idle({ server, rounds }) {
  const many = await makeProject(server, 'idle', { bench_idle: [createEntries, ...migrations(999, insertRow)] })
  await resetSchemas(server, ['bench_idle'])
  const five = await makeFiveDatabases(server)
  await five.prepare()
  await runWwdb(['migrate', '--config', many.config])
  await runWwdb(['migrate', '--config', five.project.config])
  const seconds = await interleave(2 * rounds, [
    { name: 'node', run: runEmptyNode },
    { name: 'many', run: () => runWwdb(['migrate', '--config', many.config]) },
    { name: 'five', run: () => runWwdb(['migrate', '--config', five.project.config]) },
  ])
  return [
    differenceFigure('nothing to do, 1,000 applied', seconds('many'), seconds('node'), 120),
    differenceFigure('nothing to do, five databases', seconds('five'), seconds('node'), 120),
  ]
}

await measureIfMain(import.meta.url, idle)
