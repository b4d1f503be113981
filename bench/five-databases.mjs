import { interleave, measureIfMain, ratioFigure, runProgram, runWwdb } from './harness.mjs'
import { createTable, makeProject, migrations, resetSchemas } from './project.mjs'

const names = [1, 2, 3, 4, 5].map((number) => `bench_five_${number}`)

/**
 * A project of 100 CREATE TABLE files, twenty in each of five databases.
 * @param {import('./server.mjs').Server} server
 */
export async function makeFiveDatabases(server) {
  const databases = Object.fromEntries(names.map((name) => [name, migrations(20, createTable)]))
  const project = await makeProject(server, 'five-databases', databases)
  return { project, prepare: () => resetSchemas(server, names) }
}

/** @type {import('./harness.mjs').Measure} */
export async function fiveDatabases({ server, rounds }) {
  const { project, prepare } = await makeFiveDatabases(server)
  const seconds = await interleave(rounds, [
    { name: 'client', prepare, run: () => runProgram(server.client, server.login, { input: project.script }) },
    { name: 'wwdb', prepare, run: () => runWwdb(['migrate', '--config', project.config]) },
  ])
  return [ratioFigure('100 files over five databases', seconds('wwdb'), seconds('client'), 0.95)]
}

await measureIfMain(import.meta.url, fiveDatabases)
