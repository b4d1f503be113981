import { interleave, measureIfMain, ratioFigure, runProgram, runWwdb } from './harness.mjs'
import { createEntries, insertRow, makeProject, migrations, resetSchemas } from './project.mjs'

/** 1,000 files with an INSERT of one row each, after one that makes the table. @type {import('./harness.mjs').Measure} */
export async function insertFiles({ server, rounds }) {
  const files = [createEntries, ...migrations(1000, insertRow)]
  const project = await makeProject(server, 'insert-files', { bench_rows: files })
  const prepare = () => resetSchemas(server, ['bench_rows'])
  const seconds = await interleave(rounds, [
    { name: 'client', prepare, run: () => runProgram(server.client, server.login, { input: project.script }) },
    { name: 'wwdb', prepare, run: () => runWwdb(['migrate', '--config', project.config]) },
  ])
  return [ratioFigure('1,000 one-row INSERT files', seconds('wwdb'), seconds('client'), 2.2)]
}

await measureIfMain(import.meta.url, insertFiles)
