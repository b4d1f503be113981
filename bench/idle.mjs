import { makeFiveDatabases } from './five-databases.mjs'
import { differenceFigure, interleave, measureIfMain, runEmptyNode, runWwdb } from './harness.mjs'
import { createEntries, insertRow, makeProject, migrations, resetSchemas } from './project.mjs'

/**
 * Nothing to do: with 1,000 migrations applied (without a wwdb.sum, as `wwdb init` leaves it, and with one), and over five databases.
 * @type {import('./harness.mjs').Measure}
 */
export async function idle({ server, rounds }) {
  const databases = { bench_idle: [createEntries, ...migrations(999, insertRow)] }
  const many = await makeProject(server, 'idle', databases)
  const summed = await makeProject(server, 'idle-summed', databases)
  await resetSchemas(server, ['bench_idle'])
  const five = await makeFiveDatabases(server)
  await five.prepare()
  await runWwdb(['validate', '--write-sum', '--config', summed.config])
  await runWwdb(['migrate', '--config', many.config])
  await runWwdb(['migrate', '--config', five.project.config])
  const seconds = await interleave(2 * rounds, [
    { name: 'node', run: runEmptyNode },
    { name: 'many', run: () => runWwdb(['migrate', '--config', many.config]) },
    { name: 'summed', run: () => runWwdb(['migrate', '--config', summed.config]) },
    { name: 'five', run: () => runWwdb(['migrate', '--config', five.project.config]) },
  ])
  return [
    differenceFigure('nothing to do, 1,000 applied', seconds('many'), seconds('node'), 120),
    differenceFigure('nothing to do, 1,000 applied, wwdb.sum', seconds('summed'), seconds('node'), 120),
    differenceFigure('nothing to do, five databases', seconds('five'), seconds('node'), 120),
  ]
}

await measureIfMain(import.meta.url, idle)
