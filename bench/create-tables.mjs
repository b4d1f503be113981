import { interleave, measureIfMain, ratioFigure, runProgram, runWwdb } from './harness.mjs'
import { createTable, makeProject, migrations, resetSchemas } from './project.mjs'

/** 100 files with a CREATE TABLE each, in one database. @type {import('./harness.mjs').Measure} */
export async function createTables({ server, rounds }) {
  const project = await makeProject(server, 'create-tables', { bench_tables: migrations(100, createTable) })
  const prepare = () => resetSchemas(server, ['bench_tables'])
  const seconds = await interleave(rounds, [
    { name: 'client', prepare, run: () => runProgram(server.client, server.login, { input: project.script }) },
    { name: 'wwdb', prepare, run: () => runWwdb(['migrate', '--config', project.config]) },
  ])
  return [ratioFigure('100 CREATE TABLE files', seconds('wwdb'), seconds('client'), 1.25)]
}

await measureIfMain(import.meta.url, createTables)
